"""The explorer: a network and its numbers as one document, and the document as one page."""
