import "./quiet-zod.ts";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { openLink } from "./link.ts";
import { startSession } from "./session.ts";
import { SessionContext } from "./use-session.ts";
import { Popover } from "./views/popover.tsx";
import "uplot/dist/uPlot.min.css";
import "./tokens.css";
import "./base.css";
import "./layout.css";
import "./parts.css";
import "./evening.css";
import "./guide.css";
import "./past.css";
import "./popover.css";

const root = document.getElementById("root");
if (root) createRoot(root).render(<SessionContext value={startSession(openLink())}>{location.hash === "#popover" ? <Popover /> : <App />}</SessionContext>);
