/* Airflow keeps the theme that somebody chose; without a choice the system's counts. */
(function () {
  function follow() {
    var theme = null;
    try { theme = window.localStorage.getItem("theme"); } catch (problem) { /* none */ }
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  }
  follow();
  window.addEventListener("storage", follow);
})();
