// Whoever has changed nothing has nothing to save. Without script the button is always there, and the answer says so.
"use strict";
(() => {
  const form = document.getElementById("preferences");
  const save = document.getElementById("save");
  const unchanged = document.getElementById("unchanged");
  if (!form || !save || !unchanged) return;
  const look = () => {
    const choices = [...form.querySelectorAll("input[type=radio]")];
    save.disabled = choices.every((choice) => choice.checked === choice.defaultChecked);
    unchanged.hidden = !save.disabled;
  };
  form.addEventListener("change", look);
  // A browser that comes back to the page may keep what was chosen.
  window.addEventListener("pageshow", look);
  look();
})();
