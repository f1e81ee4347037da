// Helps on the pages that are made by the web process: the theme that was chosen, times as this person has them, copying.
// Without it they say and do the same.
import { ThemeChoice } from "./page/theme";
import "./style/desk.css";
import "./style/audit.css";

new ThemeChoice(document.documentElement).start();

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
for (const time of document.querySelectorAll("time")) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  time.title = time.textContent ?? "";
  time.textContent = clock.format(at);
}

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
  const source = document.getElementById(button.dataset["copy"] ?? "");
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    void navigator.clipboard.writeText(source.textContent ?? "").then(() => {
      button.textContent = "Copied";
    });
  });
}
