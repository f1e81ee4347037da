import { render } from "lit-html";
import { sprite } from "./style/icons";
import "./style/tokens.css";

const root = document.querySelector<HTMLElement>("#app");
if (root) render(sprite, root);
