import { onScopeDispose, type Ref, shallowRef } from "vue";

export type DeskPage =
  | { readonly at: "desk" }
  | { readonly at: "lines" }
  | { readonly at: "texts" }
  | { readonly at: "why"; readonly callId: string };

/** What an address asks for: "#lines", "#texts", "#why/<call>"; the desk itself where it asks for nothing known. */
export function pageOf(hash: string): DeskPage {
  const callId = /^#why\/([\w-]+)$/.exec(hash)?.[1];
  if (callId !== undefined) return { at: "why", callId };
  if (hash === "#lines") return { at: "lines" };
  return hash === "#texts" ? { at: "texts" } : { at: "desk" };
}

const hashOf = (page: DeskPage) => (page.at === "why" ? `#why/${page.callId}` : page.at === "desk" ? "" : `#${page.at}`);

/** The page that is open; it is in the address, so that it can be sent to somebody, survives a reload and the browser's “back” works. */
export function usePage(): { readonly page: Readonly<Ref<DeskPage>>; open(page: DeskPage): void } {
  const page = shallowRef(pageOf(location.hash));
  const changed = () => {
    page.value = pageOf(location.hash);
  };
  addEventListener("hashchange", changed);
  onScopeDispose(() => removeEventListener("hashchange", changed));
  return {
    page,
    open(next) {
      if (next.at !== "desk") {
        location.hash = hashOf(next);
        return;
      }
      history.pushState(undefined, "", location.pathname + location.search);
      changed();
    },
  };
}
