"use strict";
// Hides the rows and articles that do not match; without this script all of them are there, and on paper always.
const form = document.getElementById("filter");
const [text, state] = [form.elements.text, form.elements.state];
const items = [...document.querySelectorAll(".item")].map((node) => ({
  node, state: node.dataset.state, green: node.dataset.green === "yes", words: node.textContent.toLowerCase(),
}));

function matches(item) {
  const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const state_fits = state.value === "" || (state.value === "not green" ? !item.green : item.state === state.value);
  return state_fits && wanted.every((word) => item.words.includes(word));
}

function apply() {
  let shown = 0;
  for (const item of items) {
    const fits = matches(item);
    item.node.hidden = !fits;
    shown += fits;
  }
  document.getElementById("count").textContent = shown === items.length ? "" : `${shown} of ${items.length} entries match`;
}

function reveal() {
  // A link to something that the filter hides shows it.
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.hidden) {
    form.reset();
    apply();
    target.scrollIntoView();
  }
}

form.hidden = false;
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(apply));
form.elements.unfold.addEventListener("click", () => {
  const all = [...document.querySelectorAll("details")];
  const open = !all.every((item) => item.open);
  for (const item of all) item.open = open;
});
window.addEventListener("hashchange", reveal);
window.addEventListener("beforeprint", () => {
  for (const item of document.querySelectorAll("details.paper")) item.open = true;
});
