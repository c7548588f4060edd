// The dialog for the whole state: clock, snapshots, export, import and reset.

import { endpoint, get, send } from "./api.js";
import { $, el, update } from "./dom.js";

/** Sets up the dialog. `changed` is called after each change of the state. */
export function startState(changed) {
  const fields = (form) => $(form).elements;
  const act = async (work) => {
    const error = $("state-error");
    try {
      await work();
      error.hidden = true;
      changed();
      await show(act);
    } catch ({ message }) {
      error.hidden = false;
      error.textContent = message;
    }
  };
  const on = (form, work) =>
    $(form).addEventListener("submit", (event) => {
      event.preventDefault();
      act(work);
    });
  $("state-open").addEventListener("click", () => {
    $("state").showModal();
    act(async () => {});
  });
  on("clock-set", () => send("PUT", "clock", { now: fields("clock-set").now.value.trim() }));
  on("clock-advance", () => send("PUT", "clock", { advance: fields("clock-advance").advance.value.trim() }));
  $("clock-release").addEventListener("click", () => act(() => send("DELETE", "clock")));
  on("snapshot-keep", async () => {
    const { name } = fields("snapshot-keep");
    await send("POST", snapshot(name.value.trim()));
    name.value = "";
  });
  $("import").addEventListener("change", ({ target }) => {
    const [file] = target.files;
    if (file) act(() => send("PUT", "import", file));
    target.value = "";
  });
  $("export").href = endpoint("export");
  // Requires two clicks, because a reset cannot be undone.
  $("reset").addEventListener("click", ({ target }) => {
    const sure = target.classList.toggle("sure");
    target.textContent = sure ? "Confirm: delete everything" : "Reset";
    if (!sure) act(() => send("POST", "reset"));
  });
  $("state").addEventListener("close", () => {
    $("reset").classList.remove("sure");
    $("reset").textContent = "Reset";
  });
}

const snapshot = (name, rest = "") => `snapshots/${encodeURIComponent(name)}${rest}`;

async function show(act) {
  const [{ now, stopped }, { snapshots }] = await Promise.all([get("clock"), get("snapshots")]);
  $("clock-now").textContent = `${now.slice(0, 19).replace("T", " ")} UTC, ${stopped ? "stopped" : "system clock"}`;
  $("clock-release").disabled = !stopped;
  const entries = snapshots.map((name) => {
    const button = (words, work) => {
      const one = el("button", { type: "button", "aria-label": `${words}: ${name}` }, words);
      one.addEventListener("click", () => act(work));
      return one;
    };
    const restore = button("Restore", () => send("POST", snapshot(name, "/restore")));
    const remove = button("Delete", () => send("DELETE", snapshot(name)));
    return el("li", { "data-key": name }, el("span", { class: "words" }, name), restore, remove);
  });
  update($("snapshot-list"), ...(entries.length ? entries : [el("li", { class: "quiet" }, "No snapshot yet.")]));
}
