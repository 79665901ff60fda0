/* What the page's boards (HTML drawn by the server) need in the browser: clicks, changes, drops, keys. */
(() => {
  "use strict";
  const KEPT = ["persona", "tab", "job", "filter", "preset", "checkpoint", "strength", "run"];

  /* Gradio's first "Loading…" counts its seconds once a frame, and never stops: 5 % of a core, long after it is gone. It asks for
     frames past this function, so what was not asked here is its own. */
  const frame = window.requestAnimationFrame.bind(window), ours = new Set();
  window.requestAnimationFrame = (draw) => { const id = frame(draw); ours.add(id); return id; };
  const endLoading = () => {
    window.requestAnimationFrame = frame;
    const next = frame(() => {});
    for (let id = next - 99; id < next; id++) if (!ours.has(id)) cancelAnimationFrame(id);
  };

  /* The address bar holds what is selected, so a reload or a shared link shows the same. */
  const remember = (json) => {
    const wanted = JSON.parse(json), url = new URL(location.href);
    for (const name of KEPT) if (name in wanted) wanted[name] ? url.searchParams.set(name, wanted[name]) : url.searchParams.delete(name);
    if (url.href !== location.href) history.replaceState(null, "", url);
  };

  const openTab = (name) => {
    const label = name[0].toUpperCase() + name.slice(1);
    const tabs = [...document.querySelectorAll("[role=tab]")].filter((tab) => tab.textContent.trim() === label);
    (tabs.find((tab) => tab.offsetParent) || tabs[0])?.click();
  };

  /* First click asks, second does it. */
  const sure = (button) => {
    if (!button.dataset.sure || button.dataset.asked) return true;
    const label = button.innerHTML;
    button.dataset.asked = "1"; button.textContent = button.dataset.sure;
    setTimeout(() => { if (button.isConnected) { delete button.dataset.asked; button.innerHTML = label; } }, 4000);
    return false;
  };

  const toForm = () => setTimeout(() => document.getElementById("new-persona")?.scrollIntoView({ block: "start", behavior: "smooth" }), 600);

  const viewer = (source) => {
    document.querySelector(".ps.viewer")?.remove();
    const back = document.createElement("div");
    back.className = "ps viewer"; back.setAttribute("role", "dialog"); back.setAttribute("aria-modal", "true"); back.setAttribute("aria-label", "Picture");
    back.innerHTML = '<div class="card"><div><img alt=""></div><div class="stack"><div class="line apart"><h2>Picture</h2><button type="button" class="icon" aria-label="Close">✕</button></div><div class="about"></div></div></div>';
    const large = back.querySelector("img"), small = source.querySelector("img");
    large.src = source.dataset.big; large.alt = source.dataset.alt || "";
    /* Its place, with the small picture in it, until the large one is there. */
    if (small?.naturalWidth) { large.style.aspectRatio = small.naturalWidth + "/" + small.naturalHeight; large.style.background = "center / contain no-repeat url(" + JSON.stringify(small.src) + ")"; }
    const about = source.closest(".tile, td, li")?.querySelector("[data-about]");
    if (about) back.querySelector(".about").append(...[...about.childNodes].map((part) => part.cloneNode(true)));
    const before = document.activeElement;
    const close = () => { back.remove(); before?.focus?.(); };
    back.addEventListener("click", (event) => { if (event.target === back || event.target.closest("[aria-label=Close]")) close(); });
    back.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); close(); } });
    document.body.append(back); back.querySelector("button").focus();
  };

  /* Every dropped file, folders included, as [path, File]. */
  const walk = async (entry, prefix, found) => {
    if (entry.isFile) { found.push([prefix + entry.name, await new Promise((yes, no) => entry.file(yes, no))]); return; }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((yes, no) => reader.readEntries(yes, no));
      if (!some.length) return;
      for (const inner of some) await walk(inner, prefix + entry.name + "/", found);
    }
  };
  const dropped = async (transfer) => {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean), found = [];
    if (!entries.length) return [...transfer.files].map((file) => [file.name, file]);
    for (const entry of entries) await walk(entry, "", found);
    return found;
  };

  /* What stands in the named fields around a button. */
  const fields = (source) => {
    const found = {};
    for (const field of source.closest("[data-form]")?.querySelectorAll("[name]") || []) found[field.name] = field.type === "checkbox" ? field.checked : field.value;
    return found;
  };

  /* What was chosen in a form survives a reload of this page. */
  const keep = (form) => { if (form?.dataset.keeps) sessionStorage.setItem(form.dataset.keeps, JSON.stringify(fields(form))); };
  const recall = (form) => JSON.parse(sessionStorage.getItem(form.dataset.keeps) || "{}");

  const upload = async (zone, files, send) => {
    const say = zone.querySelector("[role=status]"), batch = crypto.getRandomValues(new Uint8Array(12)).reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");
    if (!files.length) return;
    let sent = 0;
    for (const [path, file] of files) {
      say.textContent = `Bringing in ${sent + 1} of ${files.length}: ${file.name}`;
      let answer;
      try { answer = await fetch(`/-/inbox/${batch}/${path.split("/").map(encodeURIComponent).join("/")}`, { method: "POST", body: file }); }
      catch { say.textContent = "The studio could not be reached. Check that it still runs, then drop the files again."; return; }
      if (!answer.ok) { say.textContent = await answer.text(); return; }
      sent += 1;
    }
    say.textContent = `${sent} ${sent === 1 ? "file" : "files"} received and looked at now; what became of each is told below.`;
    send({ ...fields(zone), act: zone.dataset.drop, batch, count: sent });
  };

  const hex = (numbers, digits) => [...numbers].map((one) => one.toString(16).padStart(digits, "0")).join("");

  /* SHA-256 (FIPS 180-4) for pages that are neither https nor on this computer: there a browser withholds its own. */
  const sha256 = (bytes) => {
    const primes = [], turn = (x, n) => (x >>> n) | (x << (32 - n)), fraction = (x) => ((x % 1) * 2 ** 32) >>> 0;
    for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
    const rounds = primes.map((prime) => fraction(Math.cbrt(prime))), state = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
    const padded = new Uint8Array(((bytes.length + 72) >> 6) << 6), view = new DataView(padded.buffer), words = new Uint32Array(64);
    padded.set(bytes); padded[bytes.length] = 0x80;
    view.setUint32(padded.length - 8, bytes.length / 2 ** 29); view.setUint32(padded.length - 4, bytes.length << 3);
    for (let start = 0; start < padded.length; start += 64) {
      for (let i = 0; i < 64; i++) {
        const a = words[i - 15], b = words[i - 2];
        words[i] = i < 16 ? view.getUint32(start + 4 * i) : words[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + words[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + rounds[i] + words[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] += value; });
    }
    return hex(state, 8);
  };

  /* The fingerprint of a file that never leaves this computer. */
  const digest = async (file) => {
    const bytes = await file.arrayBuffer();
    return crypto.subtle ? hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), 2) : sha256(new Uint8Array(bytes));
  };

  /* The next of two sides of the slider takes the chosen picture. */
  const pick = (source) => {
    const box = source.closest(".ps").querySelector(".versus");
    if (!box) return;
    const side = box.dataset.next === "left" ? "left" : "right", image = box.querySelector(side === "right" ? "img.second" : "img:not(.second)");
    box.dataset.next = side === "right" ? "left" : "right";
    image.src = source.dataset.pick; image.alt = source.dataset.alt;
    box.querySelector(".tag." + side).textContent = source.dataset.alt;
    for (const one of source.closest("table").querySelectorAll("[data-pick]")) one.setAttribute("aria-pressed", [...box.querySelectorAll("img")].some((shown) => shown.src.endsWith(one.dataset.pick)));
    box.scrollIntoView({ block: "nearest", behavior: "smooth" });
  };

  /* Writes a whole text into a box, or a word in front of what stands there by now, as a hand would. */
  const write = ({ dataset: { into, text, front } }) => {
    const area = document.querySelector("#" + into + " textarea");
    if (text) area.value = text;
    else if (!area.value.startsWith(front)) area.value = (front + " " + area.value).trim();
    area.dispatchEvent(new Event("input", { bubbles: true }));
    if (front) { area.focus(); area.setSelectionRange(area.value.length, area.value.length); }
  };

  /* A notice goes where it covers no main button. */
  const place = () => {
    const notice = document.getElementById("notice");
    if (!notice?.querySelector(".say")) return;
    const mains = [...document.querySelectorAll("button.primary, .button.primary")].map((button) => button.getBoundingClientRect()).filter((box) => box.width);
    for (const spot of ["foot", "top", "middle"]) {
      notice.dataset.at = spot;
      const own = notice.getBoundingClientRect();
      if (!mains.some((box) => box.left < own.right && own.left < box.right && box.top < own.bottom && own.top < box.bottom)) return;
    }
  };
  for (const kind of ["scroll", "resize"]) addEventListener(kind, place, { passive: true });

  const board = (element, send, watch) => {
    if (window.requestAnimationFrame !== frame) endLoading();
    const opened = new Map(), drawn = new WeakMap(), chosen = new Set();
    const plain = (text) => text.trim().replace(/\s+/g, " ").toLowerCase();
    const act = (source) => {
      const from = source.dataset.from && document.getElementById(source.dataset.from);
      send({ ...fields(source), ...source.dataset, ...(from ? { value: from.value } : {}), ...("chosen" in source.dataset ? { picture: [...chosen].join(" ") } : {}) });
    };
    /* Tiles move when a picture comes: what is ticked goes by the picture, not by the place. */
    const boxes = () => [...element.querySelectorAll("input[data-choice]")];
    const settleChosen = () => {
      const here = new Set(boxes().map((box) => box.value));
      for (const id of [...chosen]) if (!here.has(id)) chosen.delete(id);
      for (const box of boxes()) box.checked = chosen.has(box.value);
      for (const bar of element.querySelectorAll("[data-chosen-bar]")) { bar.hidden = !chosen.size; bar.querySelector("[data-chosen-count]").textContent = chosen.size; }
    };
    const choose = (which) => {
      chosen.clear();
      if (which === "all") for (const box of boxes()) chosen.add(box.value);
      settleChosen();
    };
    /* A text somebody is writing, or could not save, is never replaced by what the server drew. */
    const settleText = (area) => {
      const saved = area.dataset.saved, before = drawn.get(area), version = fields(area).version, free = !before || before.id !== area.id || area.value === before.saved || plain(area.value) === plain(saved);
      if (area === document.activeElement && before?.id === area.id) return;
      drawn.set(area, free ? { id: area.id, saved, version } : before);
      if (free) area.value = saved;
      showSave(area);
    };
    /* Says whether a text is saved: a button that tells so, or one that comes only when it is needed. */
    const showSave = (area) => {
      const save = area.closest("[data-form], .body")?.querySelector("[data-from='" + area.id + "']"), same = area.value === area.dataset.saved;
      if (save && "tells" in save.dataset) { save.disabled = same; save.textContent = same ? "Saved" : "Save"; }
      else if (save) save.hidden = same;
    };
    /* By name: another checkpoint may have moved the ticks. A form that is somebody else's by now begins anew. */
    let whose = "";
    const settleForm = (form) => {
      const chose = recall(form), same = form.dataset.keeps === whose;
      whose = form.dataset.keeps;
      if (same && !Object.keys(chose).length) return;
      for (const field of form.querySelectorAll("[name]")) {
        if (field.type === "checkbox") field.checked = chose[field.name] ?? field.defaultChecked;
        else {
          const value = chose[field.name] ?? field.defaultValue ?? field.querySelector("[selected]").value;
          if (field.value !== value) field.value = value;
        }
      }
    };
    /* What a button opens: a drawer, which has a mark of its own, or a list that is shown and hidden. */
    const show = (id, open) => {
      const drawer = document.getElementById(id);
      if (!drawer) return;
      if (drawer.matches("details")) { if (drawer.open !== open) drawer.open = open; return; }
      drawer.hidden = !open; opened.set(id, open);
      for (const button of element.querySelectorAll("[data-opens='" + id + "']")) button.setAttribute("aria-expanded", open);
    };
    /* Escape shuts what lies over the page, and the keyboard is back where it was opened. */
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      for (const button of element.querySelectorAll("[data-opens][aria-expanded=true]")) { show(button.dataset.opens, false); button.focus(); }
    });
    /* How long so many seconds are, in the words of the server, which has the only ones. */
    let asked = 0;
    const lasting = (seconds) => fetch("/-/lasting/" + Math.round(seconds)).then((answer) => answer.ok ? answer.text() : "", () => "");
    const planned = async (form) => {
      const told = form?.querySelector("[data-plan]");
      if (!told) return;
      const ticked = (role) => form.querySelectorAll("input[name^='arm-']" + role + ":checked").length, pace = Number(told.dataset.pace || 0);
      const prompts = form.querySelector("[name=prompts]").value.split("\n").filter((line) => line.trim()).length;
      for (const few of form.querySelectorAll("[data-fewest]")) few.hidden = !prompts || prompts >= few.dataset.fewest;
      const again = form.querySelector("[name=fresh]").checked && ticked("[data-role=contender]") ? ticked("[data-role=rival]") + 1 : 0;
      const looks = ticked("") + again;
      const count = prompts * Number(form.querySelector("[name=seeds]").value) * looks;
      if (told.textContent.startsWith(count + " pictures,")) return;
      const mine = ++asked, say = (time) => { told.textContent = count + " pictures, " + (time || "time not known yet") + "."; };
      say(pace ? "…" : "");
      if (!pace) return;
      const time = await lasting(count * pace);
      if (mine === asked) say(time && "about " + time);
    };
    element.addEventListener("click", (event) => {
      const source = event.target.closest("[data-act], [data-tab], [data-big], [data-copy], [data-pick], [data-choose], [data-opens], [data-pick-for], [data-into]");
      if (!source || source.matches("select, textarea, input")) return;
      if (source.dataset.copy) { navigator.clipboard?.writeText(source.dataset.copy); source.textContent = "Copied"; return; }
      if (source.dataset.big) return viewer(source);
      if (source.dataset.pickFor) return document.getElementById(source.dataset.pickFor).click();
      if (source.dataset.opens) {
        const drawer = document.getElementById(source.dataset.opens), list = !drawer.matches("details");
        show(drawer.id, list ? drawer.hidden : true);
        if (!list) drawer.querySelector("textarea, input")?.focus();
        return;
      }
      if (source.dataset.pick) return pick(source);
      if (source.dataset.into) return write(source);
      if (source.dataset.choose) return choose(source.dataset.choose);
      if (!sure(source)) return;
      if (source.dataset.busy) { source.dataset.idle ||= source.textContent; source.dataset.pressed = performance.now(); source.textContent = source.dataset.busy; if (!("again" in source.dataset)) source.disabled = true; }
      if (source.dataset.act) act(source);
      if (source.dataset.act === "new-persona") toForm();
      if (source.dataset.tab) openTab(source.dataset.tab);
    });
    element.addEventListener("change", async (event) => {
      const source = event.target;
      if ("choice" in source.dataset) { chosen[source.checked ? "add" : "delete"](source.value); settleChosen(); return; }
      if (source.type === "file" && source.dataset.hash !== undefined) {
        const file = source.files[0], target = document.querySelector(source.dataset.hash + " textarea, " + source.dataset.hash + " input");
        if (file && target) { target.value = await digest(file); target.dispatchEvent(new Event("input", { bubbles: true })); }
      } else if (source.type === "file") {
        const files = [...source.files].map((file) => [file.webkitRelativePath || file.name, file]);
        source.value = ""; upload(source.closest(".drop"), files, send);
      } else if (source.id === "persona-switch" && source.value === "+") {
        source.value = source.getAttribute("value");
        openTab("persona"); send({ act: "new-persona" });
        toForm();
      } else if (source.dataset.change) send({ ...fields(source), ...(drawn.has(source) ? { version: drawn.get(source).version } : {}), ...source.dataset, act: source.dataset.change, value: source.type === "checkbox" ? source.checked : source.value });
    });
    element.addEventListener("focusout", (event) => {
      if (event.target.matches("textarea[data-saved]")) setTimeout(() => { if (event.target.isConnected) settleText(event.target); }, 1200);
    });
    element.addEventListener("input", (event) => {
      const form = event.target.closest("[data-form]");
      planned(form); keep(form);
      if (event.target.matches("textarea[data-tells]")) showSave(event.target);
      const versus = event.target.closest(".ps")?.querySelector(".versus");
      if (event.target.matches("input[type=range].cut") && versus) versus.style.setProperty("--cut", event.target.value + "%");
    });
    element.addEventListener("toggle", (event) => { const id = event.target.id; if (id) opened.set(id, event.target.open); }, true);
    for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) element.addEventListener(kind, async (event) => {
      const zone = event.target.closest(".drop");
      if (!zone) return;
      event.preventDefault();
      zone.classList.toggle("over", kind === "dragenter" || kind === "dragover");
      if (kind === "drop") upload(zone, await dropped(event.dataTransfer), send);
    });
    let fading = 0, revealed = "";
    const settle = () => {
      if (element.closest("#notice")) {
        const whole = element.closest("#notice");
        clearTimeout(fading); whole.style.visibility = "visible"; place(); setTimeout(place, 400);
        /* A refusal redraws nothing else: the button that was pressed must be there for another try. */
        const pressed = [...document.querySelectorAll(".ps button[data-idle]")].sort((a, b) => b.dataset.pressed - a.dataset.pressed)[0];
        if (pressed && element.querySelector(".say.bad")) { pressed.textContent = pressed.dataset.idle; pressed.disabled = false; delete pressed.dataset.idle; }
        if (element.querySelector(".say.good")) fading = setTimeout(() => { whole.style.visibility = "hidden"; }, element.querySelector("[data-act=undo], .say button + button") ? 12000 : 7000);
      }
      for (const [id, open] of opened) show(id, open);
      settleChosen();
      for (const area of element.querySelectorAll("textarea[data-saved]")) settleText(area);
      for (const form of element.querySelectorAll("[data-keeps]")) settleForm(form);
      /* A redraw brings the server's own count, while what somebody chose stays chosen. */
      for (const told of element.querySelectorAll("[data-plan]")) planned(told.closest("[data-form]"));
      for (const select of element.querySelectorAll("select[value]")) if (select !== document.activeElement) select.value = select.getAttribute("value");
      const news = element.querySelector("[data-reveal]");
      if (news && news.dataset.reveal !== revealed) news.scrollIntoView({ block: "nearest" });
      revealed = news?.dataset.reveal || "";
      for (const seen of element.querySelectorAll("[data-remember]")) remember(seen.dataset.remember);
      for (const seen of element.querySelectorAll("[data-title]")) document.title = seen.dataset.title;
    };
    watch("value", settle); settle();
    if (element.closest("#create-ideas")) setTimeout(draft, 400);
  };

  /* One question at a time: an answer that overtook an earlier one would be drawn over by what was true before. One that never
     comes holds the others up for a while only. */
  const ask = window.fetch.bind(window), PATIENCE = 20000;
  let last = Promise.resolve();
  window.fetch = (...question) => {
    if (!String(question[0]).includes("/gradio_api/run/")) return ask(...question);
    const answer = last.then(() => ask(...question)), read = answer.then((whole) => whole.clone().arrayBuffer()).catch(() => {});
    last = Promise.race([read, new Promise((go) => setTimeout(go, PATIENCE))]);
    return answer;
  };

  /* What is drawn anew, or moves, while it is pressed: boards are changed in place, so by the release the same button may stand for
     another picture, or lie elsewhere, and then a browser clicks nothing at all. A press that was let go where it began is for what
     was pressed, wherever that is by now; if it is gone, for nothing. */
  const PRESSED = "button, a, summary, label", TYPED = "select, textarea, input:not([type=checkbox], [type=radio])";
  /* What a button stands for: not what it says, nor what a press has written on it. Empty where nothing tells it from others. */
  const meaning = (one) => {
    const { alt, idle, pressed, asked, ...rest } = one.dataset, field = one.querySelector("input");
    const parts = [one.id, one.getAttribute("href"), one.htmlFor, field?.name, field?.getAttribute("value"), ...Object.entries(rest).sort().flat()];
    return parts.some(Boolean) ? JSON.stringify([one.tagName, ...parts]) : "";
  };
  const meant = ({ source, board, as }) => {
    if (source.isConnected && (!board || meaning(source) === as)) return source;
    return as && [...(board?.querySelectorAll(PRESSED) || [])].find((one) => meaning(one) === as);
  };
  let press = null;
  const forget = () => { press = null; };
  addEventListener("pointerdown", ({ target, pointerType, button, clientX, clientY }) => {
    const source = target.closest?.(TYPED) ? null : target.closest?.(PRESSED);
    press = source && button === 0 && pointerType === "mouse" ? { source, board: source.closest(".board"), as: meaning(source), x: clientX, y: clientY } : null;
  }, true);
  for (const kind of ["pointercancel", "contextmenu"]) addEventListener(kind, forget, true);
  addEventListener("pointerup", ({ clientX, clientY }) => {
    if (!press) return;
    const mine = press;
    mine.far = Math.hypot(clientX - mine.x, clientY - mine.y) > 4;
    setTimeout(() => { /* after the click that comes by itself */
      if (mine !== press) return;
      forget();
      if (!mine.far) meant(mine)?.click();
    });
  }, true);
  addEventListener("click", (event) => {
    if (!press || !event.isTrusted || !event.detail) return; /* a key's click has no count */
    const mine = press, source = meant(mine);
    forget();
    if (source?.contains?.(event.target)) return;
    event.stopImmediatePropagation(); event.preventDefault();
    if (source && !mine.far) source.click();
  }, true);

  /* An error that is being mended need not stay in the way. */
  addEventListener("input", () => { const board = document.querySelector("#notice:has(.say.bad)"); if (board) board.style.visibility = "hidden"; });

  /* A prompt that was typed survives a reload of this page; the first board beside it brings it back. */
  addEventListener("input", ({ target }) => { if (target.closest?.("#prompt")) sessionStorage.setItem("studio-prompt", target.value); });
  const draft = () => {
    const area = document.querySelector("#prompt textarea"), text = sessionStorage.getItem("studio-prompt");
    if (area && !area.value && text) write({ dataset: { into: "prompt", text } });
  };

  /* What the studio says of a description or a prompt comes while it is typed: a pause counts as leaving the box. */
  let pause = 0;
  addEventListener("input", ({ target }) => {
    if (!target.closest?.("#new-description, #prompt")) return;
    clearTimeout(pause); pause = setTimeout(() => target.dispatchEvent(new FocusEvent("blur")), 600);
  });

  /* A file dropped beside a drop zone must not replace the page. */
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  addEventListener("click", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    if (tab) remember(JSON.stringify({ tab: tab.textContent.trim().toLowerCase() }));
    if (event.target.closest?.("[data-theme-switch]")) {
      const dark = document.body.classList.toggle("dark");
      localStorage.setItem("studio-theme", dark ? "dark" : "light");
    }
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const go = document.querySelector("button#generate, #generate button");
      if (go?.offsetParent) { event.preventDefault(); document.activeElement?.blur?.(); setTimeout(() => go.click(), 60); }
    }
  });
  const theme = () => { const kept = localStorage.getItem("studio-theme"); if (kept && !new URL(location.href).searchParams.has("__theme")) document.body.classList.toggle("dark", kept === "dark"); };
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", theme) : theme();
  setTimeout(theme, 400);
  window.studio = { board, remember, openTab };
})();
