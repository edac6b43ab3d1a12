// Passkeys: the browser makes or uses one with the options the page carries, and the answer is
// posted in the form like anything else. The server decides.
"use strict";

for (const form of document.querySelectorAll("form[data-ceremony]")) {
  const create = form.dataset.ceremony === "create";
  const button = form.querySelector("button[type=submit]");
  const say = (name) => {
    for (const text of form.querySelectorAll("[data-said]")) {
      text.hidden = text.dataset.said !== name;
    }
  };
  const parse = window.PublicKeyCredential && (create
    ? PublicKeyCredential.parseCreationOptionsFromJSON
    : PublicKeyCredential.parseRequestOptionsFromJSON);
  if (!parse) {
    say("unsupported");
    button.disabled = true;
    continue;
  }
  say("");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    say("");
    try {
      const publicKey = parse.call(PublicKeyCredential, JSON.parse(form.dataset.options));
      const made = await (create
        ? navigator.credentials.create({ publicKey })
        : navigator.credentials.get({ publicKey }));
      form.elements.credential.value = JSON.stringify(made.toJSON());
      form.submit();
    } catch {
      // Dismissed, timed out, or no passkey here: the person may try again or take another way.
      say("failed");
      button.disabled = false;
      button.focus();
    }
  });
}
