/* Links to Airflow's own pages leave the frame: its sandbox lets no link do that by itself. */
document.addEventListener("click", function (event) {
  var link = event.target.closest ? event.target.closest("a[data-leave]") : null;
  if (!link || window.parent === window || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  var outside = window.parent.document.createElement("a");
  outside.href = link.href;
  window.parent.document.body.appendChild(outside);
  outside.click();
  outside.remove();
});
