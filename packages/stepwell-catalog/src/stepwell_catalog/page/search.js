const query = document.getElementById("query");
const datasets = [...document.querySelectorAll(".dataset")];

function search() {
  const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const dataset of datasets) {
    dataset.hidden = !words.every((word) => dataset.dataset.words.includes(word));
    found += dataset.hidden ? 0 : 1;
  }
  document.getElementById("count").textContent = `Datasets: ${found} of ${datasets.length}`;
  document.getElementById("nothing").hidden = found > 0;
}

function fromAddress() {
  const shared = new URLSearchParams(location.hash.slice(1)).get("search");
  if (shared !== null) {
    query.value = shared;
    search();
  }
}

query.addEventListener("input", () => {
  search();
  history.replaceState(null, "", query.value ? `#search=${encodeURIComponent(query.value)}` : "#");
});
addEventListener("hashchange", fromAddress);
fromAddress();
