/* Sets the theme before the first paint; the admin keeps its choice under the same name. */
(function () {
  var chosen = localStorage.getItem("theme");
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
})();
