// Posts the form at once; without script its button does the same.
document.getElementById("form-post").submit();
