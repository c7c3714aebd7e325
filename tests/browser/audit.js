// Runs in every page that a test opens, but in no frame, and says on the console what is wrong with it for people.
if (self === top) addEventListener("load", () => {
  const root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];

  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (numbers(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const contrast = (element) => {
    const [less, more] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => a - b);
    return (more + 0.05) / (less + 0.05);
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());

  const rules = {
    "has no language": !root.lang,
    "has no title": !document.title.trim(),
    "has not one heading of the first level": all("h1").length !== 1,
    "scrolls sideways": root.scrollWidth > root.clientWidth,
    "has an input without a label": all("input:not([type=hidden])").some((input) => !input.labels.length),
    "has a button without words": all("button").some((button) => !button.textContent.trim()),
    "has two elements of one id": new Set(all("[id]").map((one) => one.id)).size !== all("[id]").length,
    "has a password in its source": all("input[type=password]").some((input) => input.hasAttribute("value")),
    "has a target too small for a thumb": all("button, .choice").some((one) => one.getBoundingClientRect().height < 24),
  };
  const faint = all("body *").filter((one) => hasText(one) && contrast(one) < 4.5).map((one) => one.tagName);
  if (faint.length) rules[`has words that can hardly be seen: ${faint}`] = true;
  for (const [rule, isBroken] of Object.entries(rules)) if (isBroken) console.error(`the page "${document.title}" ${rule}`);
});
