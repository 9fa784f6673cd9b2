// Of the reference's index: shows the names that have in them what is typed.

const filter = document.querySelector("#filter");
const rows = [...document.querySelectorAll("main tr")];

filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  for (const row of rows) row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
});
