// What scrolls can be reached by keys.
const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
});
for (const block of document.querySelectorAll("pre, table")) observer.observe(block);
