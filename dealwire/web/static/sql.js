// The editor of the SQL page: completion of our tables, views and columns, a name for screen readers, dark and light.
window.dealwireSql = async (id, tables) => {
  const CM = await import("nicegui-codemirror");
  const element = getElement(id);
  if (!element.editor) await element.editorPromise;
  const editor = element.editor;
  const names = Object.keys(tables);
  const columns = (table) =>
    tables[table].columns.map(([label, detail, info]) => ({ label, detail, info: info || undefined, type: "property" }));
  const all = names.map((label) => ({ label, type: "class", info: tables[label].about || undefined, boost: 2 }));

  // After `deals.` its columns; else all tables, and the columns of those that the question names.
  const complete = (context) => {
    const text = context.state.doc.toString();
    const dotted = context.matchBefore(/\w+\.\w*/);
    if (dotted) {
      const [name] = dotted.text.split(".");
      const meant = new RegExp(`(\\w+)(?:\\s+AS)?\\s+${name}\\b`, "i").exec(text)?.[1];
      const table = [name, meant].find((one) => one && tables[one.toLowerCase()]);
      if (!table) return null;
      return { from: dotted.from + name.length + 1, options: columns(table.toLowerCase()), validFor: /^\w*$/ };
    }
    const word = context.matchBefore(/\w+/);
    if (!word && !context.explicit) return null;
    const used = names.filter((one) => new RegExp(`\\b${one}\\b`, "i").test(text));
    const seen = new Set();
    const near = used.flatMap(columns).filter((one) => !seen.has(one.label) && seen.add(one.label));
    return { from: word ? word.from : context.pos, options: [...all, ...near], validFor: /^\w*$/ };
  };
  editor.dispatch({
    effects: CM.StateEffect.appendConfig.of([
      CM.EditorState.languageData.of(() => [{ autocomplete: complete }]),
      CM.EditorView.contentAttributes.of({ "aria-label": "Question in SQL; Escape, then Tab leaves the editor" }),
    ]),
  });
  // Tables follow the page by themselves.
  const theme = () => element.setTheme(document.documentElement.dataset.theme === "dark" ? "githubDark" : "githubLight");
  theme();
  addEventListener("dealwire-theme", theme);
};
