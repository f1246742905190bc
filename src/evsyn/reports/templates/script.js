(() => {
const opened = (id) => {
  const card = /^t[0-9a-f]{10}$/.test(id) && document.getElementById(id);
  if (card && card.showPopover && !card.matches(":popover-open")) card.showPopover();
};
addEventListener("hashchange", () => opened(location.hash.slice(1)));
opened(location.hash.slice(1));
document.addEventListener("click", (event) => {
  const mark = event.target.closest && event.target.closest("svg [data-trace]");
  if (mark) opened(mark.getAttribute("data-trace"));
});
})();
