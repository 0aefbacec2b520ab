"""The empty Flask route that page costs are multiples of."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def empty() -> str:
    """Nothing."""
    return ""


@app.get("/healthz")
def health() -> str:
    """Says that the process is up."""
    return "ok"
