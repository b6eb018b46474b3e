// The app around Support.vue, which comes from the guide.
import { createApp, h, ref } from "vue";
import Support from "./Support.vue";

const route = ref("home");
const button = (text, to) => h("button", { onClick: () => (route.value = to) }, text);

createApp({
  setup: () => () =>
    h("main", [
      h("h1", route.value),
      button("Go home", "home"),
      button("Go to support", "support"),
      route.value === "support" ? h(Support) : null,
    ]),
}).mount("#root");
