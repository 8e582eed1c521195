export { ppoActor } from "./actor.ts";
export { ppoCritic } from "./critic.ts";
