/* A choice that needs no button; one tick for all rows; a form that is sent once. */
document.addEventListener("change", function (event) {
  var field = event.target;
  if (field.matches("[data-submit]")) field.form.submit();
  if (field.matches("[data-all]")) {
    field.form.querySelectorAll("input[type=checkbox][name]").forEach(function (box) { box.checked = field.checked; });
  }
});
/* Browsers show a day in their own order: beside each field it stands as the page writes it. */
function sayDay(field) {
  var said = document.getElementById(field.name + "-said");
  if (!said || !said.dataset.weekdays) return;
  var parts = field.value.split("-");
  if (parts.length !== 3) { said.textContent = ""; return; }
  var weekday = (new Date(Date.UTC(+parts[0], parts[1] - 1, +parts[2])).getUTCDay() + 6) % 7;
  said.textContent = parts.reverse().join(".") + ", " + said.dataset.weekdays.split(" ")[weekday];
}
function sayDays() { document.querySelectorAll("input[type=date]").forEach(sayDay); }
document.addEventListener("input", function (event) {
  if (event.target.matches("input[type=date]")) sayDay(event.target);
});
document.addEventListener("submit", function (event) {
  var form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", function () {
  /* What a browser fills in again when somebody comes back. */
  sayDays();
  document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
});
/* What is polled and not answered is old. The next answer brings it anew. */
["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach(function (name) {
  document.addEventListener(name, function () {
    var stale = document.getElementById("stale");
    if (stale) stale.hidden = false;
  });
});
/* Who was logged out elsewhere is shown the way back. */
window.setInterval(function () {
  if (document.hidden) return;
  fetch(document.body.dataset.alive, { credentials: "same-origin" }).then(function (answer) {
    if (answer.status === 401 || answer.status === 403) window.location.reload();
  }).catch(function () { /* the server is away for a moment */ });
}, 8000);
