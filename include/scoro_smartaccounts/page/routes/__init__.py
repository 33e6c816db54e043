"""The addresses of the page, a module a screen."""
