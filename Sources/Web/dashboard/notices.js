import { h } from "../jobd/elements/dom.js";

/** Says something went wrong, for some seconds. */
export function notice(text) {
  const element = h("p", { className: "notice" }, text);
  document.getElementById("notices").append(element);
  setTimeout(() => element.remove(), 8000);
}

/** Asks whether something may be done, which `keep` leaves undone; gives whether it may. */
export function confirmed({ question, explanation, action, keep = "Keep", isDanger = true }) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { className: "dialog", "aria-labelledby": "question", "aria-describedby": "explanation" },
      h("form", { method: "dialog" },
        h("h2", { id: "question" }, question), h("p", { id: "explanation" }, explanation),
        h("div", { className: "buttons" },
          h("button", { value: "", autofocus: true }, keep),
          h("button", { value: "yes", className: isDanger ? "danger" : "" }, action))));
    dialog.onclose = () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}
