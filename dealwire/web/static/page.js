// Dark and light: what the visitor chose, else what the system prefers. Tells charts by the event `dealwire-theme`.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("dealwire-theme");
    } catch {
      return null;
    }
  };
  const apply = () => {
    const theme = chosen() ?? (system.matches ? "dark" : "light");
    document.documentElement.dataset.theme = theme;
    document.documentElement.style.colorScheme = theme;
    if (window.Quasar) Quasar.Dark.set(theme === "dark");
    window.dispatchEvent(new CustomEvent("dealwire-theme", { detail: theme }));
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("load", apply);
  addEventListener("storage", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("dealwire-theme", next);
    } catch {
      document.documentElement.dataset.theme = next;
    }
    apply();
  });
  // Filters that are left empty do not clutter the address.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "get") return;
    for (const field of event.target.elements) {
      if (field.name && field.value === "") field.disabled = true;
    }
    setTimeout(() => {
      for (const field of event.target.elements) field.disabled = false;
    });
  });
  // A choice in a filter takes effect at once.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-at-once]");
    if (form && event.target.matches("select, input[type=checkbox]")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const asked = event.target.dataset.ask;
    if (asked && !confirm(asked)) event.preventDefault();
  });
})();
