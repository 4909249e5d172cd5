"""The one script of the dashboard: it says when the core behind the page has gone. Without it all else works."""

import base64
import hashlib
from typing import Final

SCRIPT: Final = """
const note = document.getElementById("gone");
async function look() {
  if (document.hidden) return;
  let words = "";
  try {
    const answer = await fetch("alive", { cache: "no-store" });
    if (!answer.ok) words = note.dataset.closed;
  } catch {
    words = note.dataset.stopped;
  }
  if (note.textContent !== words) note.textContent = words;
  note.hidden = !words;
}
setInterval(look, 5000);
document.addEventListener("visibilitychange", look);
"""
SCRIPT_DIGEST: Final = f"sha256-{base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()}"
"""As a content security policy names it."""
