"""OptaFly: refines rough coding requests on your own machine before they go to Claude."""

__version__ = "0.1.0"
