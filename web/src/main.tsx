import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "#app/app.tsx";
import { attachShell } from "#app/attach-shell.ts";
import { applyTheme } from "#shared/theme/apply-theme.ts";

applyTheme();
const host = document.getElementById("toru");
if (host === null) throw new Error("index.html has no #toru");
createRoot(attachShell(host)).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
