// Keeps the page up to date: regions drawn by the server come in over a websocket and are swapped in place.
"use strict";

(() => {
  const SILENCE = 12000; // a server that is there is heard of more often than this
  const status = document.getElementById("connection");
  const live = document.querySelectorAll("[data-region]").length > 0;
  let seq = Number(document.body.dataset.seq);
  let heardAt = Date.now();
  let socket = null;
  let tries = 0;

  const ago = (ms) => {
    const s = Math.max(0, Math.round(ms / 1000));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min`;
    if (s < 86400) return `${Math.floor(s / 3600)} h`;
    return `${Math.floor(s / 86400)} d`;
  };

  const say = (text, word) => {
    if (status.textContent !== text) status.textContent = text;
    status.dataset.state = word;
  };

  // Instants in the page say how long ago, or how soon, they are.
  const tellAges = () => {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const distance = Date.now() - Date.parse(time.dateTime);
      const told = distance >= 0 ? `${ago(distance)} ago` : `in ${ago(-distance)}`;
      if (time.dataset.age !== told) time.dataset.age = told;
    }
  };

  // A region in which somebody is typing or choosing waits; everything else keeps its place.
  const isBusy = (element) => {
    const active = document.activeElement;
    return element.contains(active) && active.matches("input, select, textarea");
  };

  const placeOf = (element) => {
    const active = document.activeElement;
    if (!element.contains(active)) return null;
    const twins = (root) => [...root.querySelectorAll("a, button, summary, [tabindex]")];
    const same = (one) => one.id === active.id && one.textContent === active.textContent && one.getAttribute("href") === active.getAttribute("href");
    return () => twins(element).find(same)?.focus({ preventScroll: true });
  };

  const swap = (element, html) => {
    if (isBusy(element)) return false;
    const refocus = placeOf(element);
    const scrolls = [...element.querySelectorAll("[data-scroll]")].map((one) => ({
      name: one.dataset.scroll,
      top: one.scrollTop,
      left: one.scrollLeft,
      atEnd: one.scrollTop + one.clientHeight >= one.scrollHeight - 4,
    }));
    const open = new Set([...element.querySelectorAll("details[open][id]")].map((one) => one.id));
    element.innerHTML = html;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const one of scrolls) {
      const box = element.querySelector(`[data-scroll="${CSS.escape(one.name)}"]`);
      if (!box) continue;
      box.scrollLeft = one.left;
      box.scrollTop = one.atEnd && box.hasAttribute("data-follow") ? box.scrollHeight : one.top;
    }
    refocus?.();
    return true;
  };

  const late = new Map(); // regions that wait until their reader has finished typing
  const apply = (regions) => {
    for (const [id, html] of Object.entries(regions)) {
      const element = document.getElementById(id);
      if (!element) return location.reload(); // the page has become another one: a run that was about to start is there
      if (swap(element, html)) late.delete(id);
      else late.set(id, html);
    }
    wake(document);
    tellAges();
  };

  const hear = (message) => {
    heardAt = Date.now();
    seq = Math.max(seq, message.seq ?? seq);
    if (message.regions) {
      if (status.dataset.state === "problem") say("live", "live");
      apply(message.regions);
    }
    if (message.problem) say(message.problem, "problem");
  };

  const connect = () => {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
    socket.onopen = () => {
      tries = 0;
      socket.send(JSON.stringify({ page: location.pathname + location.search, seq }));
    };
    socket.onmessage = (event) => hear(JSON.parse(event.data));
    socket.onclose = () => {
      socket = null;
      tries += 1;
      if (tries > 3) poll();
      setTimeout(connect, Math.min(5000, 250 * 2 ** tries));
    };
  };

  // Where websockets do not get through, the page itself is asked for again.
  const poll = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = [...page.querySelectorAll("[data-region]")].map((one) => [one.id, one.innerHTML]);
      hear({ seq: Number(page.body.dataset.seq), regions: Object.fromEntries(found) });
    } catch {
      // the server is away; the header says so
    }
  };

  const watch = () => {
    const silent = Date.now() - heardAt;
    if (silent > SILENCE || (!socket && silent > 3000)) say(`disconnected, last update ${ago(silent)} ago`, "away");
    else if (socket?.readyState === WebSocket.OPEN && status.dataset.state !== "problem") say("live", "live");
    if (silent > SILENCE && socket) socket.close();
    for (const [id, html] of [...late]) {
      const element = document.getElementById(id);
      if (!element || swap(element, html)) late.delete(id);
    }
    tellAges();
  };

  // Buttons that only work with scripts appear with them.
  const wake = (root) => {
    for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard?.writeText(button.dataset.copy).catch(() => {});
    button.textContent = "copied";
    setTimeout(() => (button.textContent = "copy"), 1500);
  });

  // A form that was sent is not sent twice.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && event.target.method === "post") setTimeout(() => (button.disabled = true));
  });

  wake(document);
  tellAges();
  for (const box of document.querySelectorAll("[data-follow]")) box.scrollTop = box.scrollHeight;
  if (live) {
    connect();
    setInterval(watch, 1000);
  } else {
    setInterval(tellAges, 5000);
  }
})();
