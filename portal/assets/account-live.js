// Keeps the messages of an open account fresh: hears that something was said, and reads the page again.
"use strict";
(() => {
  const region = document.getElementById("messages");
  if (!region || !window.EventSource) return;
  const refresh = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("messages");
    // Whoever was signed out meanwhile sees so.
    if (!fresh) location.reload();
    else region.replaceChildren(...fresh.childNodes);
  };
  const source = new EventSource(region.dataset.live);
  let broken = false;
  source.addEventListener("messages", refresh);
  source.addEventListener("error", () => { broken = true; });
  // What was said while the line was down.
  source.addEventListener("open", () => { if (broken) { broken = false; refresh(); } });
})();
