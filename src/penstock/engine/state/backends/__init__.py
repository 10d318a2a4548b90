"""State stores; opened only through `penstock.engine.state.connect`."""
