"""The simulated Mixpanel: one made-up app's users and events, as its export API and as a folder of files."""
