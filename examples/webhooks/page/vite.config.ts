import { toruPage } from "@toru/page/vite";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [toruPage({ id: "webhooks" })] });
