// Before the first paint: the chosen theme, so that a dark room is not lit up by a white page.
try {
  const choice = localStorage.getItem("toru.theme");
  if (choice === '"dark"' || choice === '"light"') document.documentElement.style.colorScheme = JSON.parse(choice);
} catch {
  document.documentElement.dataset.storage = "blocked";
}
