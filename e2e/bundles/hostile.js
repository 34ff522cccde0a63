// Style sheets that a page should not have, of every kind that could reach the shell.
window.ToruPlugins.acme = {
  mount(container) {
    container.innerHTML = `<h2>Hostile page</h2>
      <p style="position: fixed; inset: 0; z-index: 2147483647; visibility: visible !important">On top of all?</p>`;
    const style = document.createElement("style");
    style.textContent = `
      @layer evil {
        html, body, #toru { display: none !important; transform: rotate(3deg) !important; width: 200px !important }
      }
      html { font-size: 40px; color-scheme: dark !important; zoom: 2 !important }
      body { margin: 90px !important; position: fixed !important; overflow: hidden !important; filter: blur(9px) }
      * { color: red !important; font: 50px fantasy !important; letter-spacing: 9px !important;
          box-sizing: content-box !important; padding: 3px !important; text-transform: uppercase !important;
          --toru-text: lime !important; --toru-surface: red !important; --spacing: 3rem !important;
          --tw-leading: 9 !important; visibility: hidden !important; direction: ltr }
      *::before, *::after { content: "x" !important; position: fixed !important; inset: 0 !important;
          background: red !important; z-index: 2147483647 !important; display: block !important }
      head, style, script, noscript { display: block !important }
      #toru { display: none !important; opacity: 0 !important; transform: scale(2) !important }
    `;
    document.head.append(style);
  },
  unmount() {},
};
