// Every text that is seen and whose contrast with what is behind it is less than 4.5 to 1 (WCAG AA).
const channels = (color) => color.match(/[\d.]+/g).map(Number);
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const card = one.matches(".card, .pill") ? getComputedStyle(one.querySelector("rect")).fill : null;
    const [r, g, b, alpha = 1] = channels(card ?? getComputedStyle(one).backgroundColor);
    if (alpha === 1) return [r, g, b];
  }
  return [255, 255, 255];
};
const found = [];
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (!own || !element.checkVisibility() || element.closest(":disabled, .skip, noscript, title")) continue;
  const style = getComputedStyle(element);
  const ink = luminance(channels(element instanceof SVGElement ? style.fill : style.color).slice(0, 3));
  const ground = luminance(behind(element));
  const ratio = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  if (ratio < 4.5) found.push(`${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 20)}: ${ratio.toFixed(2)}`);
}
return [...new Set(found)].slice(0, 20);
