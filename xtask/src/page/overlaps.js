// Every two datasets of the picture that cover each other, and every label that covers a dataset or another label.
const boxes = [...document.querySelectorAll("#picture .card > .back, #picture .pill > rect")].map((element) => {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { left, right, top, bottom, name: element.parentElement.textContent.slice(0, 60) };
});
const found = [];
boxes.forEach((a, index) => {
  for (const b of boxes.slice(index + 1)) {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) found.push(`${a.name} / ${b.name}`);
  }
});
return found.slice(0, 20);
