// A host app in Vue, as the guide for Vue says.
import { createApp, h, nextTick, onMounted, onUnmounted, ref } from "vue";

const { src, helpdeskId, users } = window.host;
const route = ref(window.host.route);
const user = ref(users[0]);
const count = ref(0);
window.app = {
  setRoute: (it) => (route.value = it),
  setUser: (index) => (user.value = users[index] ?? null),
  rerender: () => (count.value += 1),
};

function load({ email, signature }) {
  const script = document.createElement("script");
  script.src = src;
  Object.assign(script.dataset, { helpdeskId, email, signature });
  document.body.append(script);
  return script;
}

const TicketCenter = {
  props: ["email", "signature"],
  setup(props) {
    let script;
    onMounted(() => (script = load(props)));
    onUnmounted(() => script.remove());
    return () => h("div", { id: "hdh-ticket-center" });
  },
};

const Late = {
  props: ["email", "signature"],
  setup(props) {
    const shown = ref(false);
    const script = load(props);
    script.onload = () => nextTick(() => (shown.value = true));
    onUnmounted(() => script.remove());
    return () => (shown.value ? h("div", { id: "hdh-ticket-center" }) : h("p", "one moment"));
  },
};

createApp({
  setup: () => () =>
    h("main", { "data-count": count.value }, [
      h("h1", route.value),
      user.value && route.value === "support" ? h(TicketCenter, { key: user.value.email, ...user.value }) : null,
      user.value && route.value === "late" ? h(Late, { key: user.value.email, ...user.value }) : null,
    ]),
}).mount("#root");
