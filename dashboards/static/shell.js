// Streamlit fetches its font of icons (375 KB) before it knows whether the page has one; a page that does gets it anyway.
{
  const load = document.fonts.load.bind(document.fonts);
  document.fonts.load = (font, ...text) => (font.includes("Material Symbols") ? Promise.resolve([]) : load(font, ...text));
}
