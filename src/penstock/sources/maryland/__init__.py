"""How campaign finance of the state of Maryland is read: the state's search forms and candidate lists."""
