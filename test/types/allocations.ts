// Allocation strings as types know them; a property test compares them with the build.
import type { Allocation } from "assay";

/** Takes what can be read. */
export declare function layOut<const S extends string>(mode: Allocation<S>): void;

layOut("manual");
layOut("heuristic");
layOut("d4p1m2");
layOut("m02p1d0004");
layOut("actor_gen:d4p1m2,*:d8p1m1");
layOut("sglang.d4p1m1+d4p1m2");
layOut("actor-train:m1d4p1,*:d2p2m1+vllm.d4p1m1");
layOut("mock.d4p1m1+gen:d4p1m1");
layOut(`d${Number("8")}p1m1`);
layOut("d8p1m1" as string);

// @ts-expect-error nothing at all
layOut("");
// @ts-expect-error capital letters
layOut("Manual");
// @ts-expect-error no letter of an axis
layOut("d2p2n1");
// @ts-expect-error an axis is missing
layOut("d2p2");
// @ts-expect-error an axis is there twice
layOut("d2p2d2");
// @ts-expect-error no number
layOut("d2pm2");
// @ts-expect-error a number of no sign
layOut("d2p-1m2");
// @ts-expect-error a degree of zero
layOut("d2p0m2");
// @ts-expect-error more than a layout
layOut("d2p2m1x");
// @ts-expect-error more than a number that is exact
layOut("d9007199254740992p1m1");
// @ts-expect-error no name
layOut(":d2p2m1");
// @ts-expect-error no name of a call
layOut("a.b:d2p2m1");
// @ts-expect-error a name comes twice
layOut("a:d2p2m1,a:d4p1m1");
// @ts-expect-error no layout behind a comma
layOut("a:d2p2m1,");
// @ts-expect-error an engine alone
layOut("sglang.d2p2m1");
// @ts-expect-error no engine
layOut("trt.d2p2m1+d2p2m1");
// @ts-expect-error two engines
layOut("sglang.d2p2m1+vllm.d2p2m1");
// @ts-expect-error three parts
layOut("sglang.d2p2m1+d2p2m1+d2p2m1");
// @ts-expect-error an engine for a call
layOut("sglang.d2p2m1+vllm:d2p2m1");
