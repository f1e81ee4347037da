import { html, render } from "lit-html";
import { expect, it } from "vitest";
import { styles } from "../src/style/styles";

it("sets properties one by one, and takes back what is left out", () => {
  const root = document.createElement("div");
  const draw = (given: Record<string, string>) => render(html`<p style=${styles(given)}></p>`, root);
  draw({ height: "28px", "--in": "2" });
  const { style } = root.querySelector("p") as HTMLElement;
  expect([style.height, style.getPropertyValue("--in")]).toEqual(["28px", "2"]);
  draw({ "--in": "3" });
  expect([style.height, style.getPropertyValue("--in")]).toEqual(["", "3"]);
});
