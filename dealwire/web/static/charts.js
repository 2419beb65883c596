// Saving a chart as a picture. Charts name the style sheet's colours, so those are written out first.
(() => {
  const resolved = (text) => {
    const style = getComputedStyle(document.documentElement);
    return text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim() || "#888");
  };
  const save = (address, name) => {
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
  };
  const picture = (chart) => {
    const drawn = chart.getDom().querySelector("svg").cloneNode(true);
    const [width, height] = [chart.getWidth(), chart.getHeight()];
    drawn.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    drawn.setAttribute("width", width);
    drawn.setAttribute("height", height);
    drawn.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawn.style.background = "var(--card)";
    drawn.style.fontFamily = "system-ui, sans-serif";
    return { text: resolved(new XMLSerializer().serializeToString(drawn)), width, height };
  };
  window.dealwireSave = async (chart, form, name) => {
    const { text, width, height } = picture(chart);
    const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    if (form === "svg") {
      save(address, `${name}.svg`);
    } else {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [width * 2, height * 2];
      const pen = canvas.getContext("2d");
      pen.fillStyle = resolved("var(--card)");
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      save(canvas.toDataURL("image/png"), `${name}.png`);
    }
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };
})();
