// Posts the form at once; without script its button does the same.
// By the prototype, since a field named `submit` would hide the form's own method.
HTMLFormElement.prototype.submit.call(document.getElementById("form-post"));
