"""Our engine beside llama.cpp or transformers: the same shape with random weights, on the same threads, in turns.

usage: compare.py SPEED [SHAPE.json ...]      (SPEED is the built example, or a table that `bench --json` wrote: then
                                               nothing of ours is timed again, as on a GPU)
       --beside llama.cpp     (pip install llama-cpp-python gguf numpy)
       --beside transformers  (pip install torch transformers)
       --beside none
       --device cuda          (the other's; ours then comes from a table of the same machine)
       --threads 2 --prompt 128 --output 48 --rounds 3 --formats f32,f16,int8,int4

A round times ours, then the other, and the table shows medians, their ratio round by round, and the load of
the machine: where others compute beside it, only the ratios say something. int8 stands beside q8_0 and int4
beside q4_0; the output head is q8_0 in both of llama.cpp's, as it has eight bits in ours. bf16 has no row of its
own there because llama.cpp computes it no faster than f16 on processors without bf16 instructions. transformers
runs eagerly with its own key-value cache, in the dense formats only.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

TYPES = {"f32": "F32", "f16": "F16", "bf16": "BF16", "int8": "Q8_0", "int4": "Q4_0"}


def write_gguf(path, shape, dtype):
    """A llama of this shape with random weights, and a vocabulary without a meaning."""
    import gguf
    import numpy as np
    from gguf.quants import quantize

    kind = gguf.GGMLQuantizationType[TYPES[dtype]]
    table = gguf.GGMLQuantizationType.Q8_0 if dtype == "int4" else kind
    hidden, inner, vocab = shape["hidden_size"], shape["intermediate_size"], shape["vocab_size"]
    heads, kv = shape["num_attention_heads"], shape["num_key_value_heads"]
    head = hidden // heads
    out = gguf.GGUFWriter(path, "llama")
    out.add_context_length(shape["max_position_embeddings"])
    out.add_embedding_length(hidden)
    out.add_block_count(shape["num_hidden_layers"])
    out.add_feed_forward_length(inner)
    out.add_head_count(heads)
    out.add_head_count_kv(kv)
    out.add_layer_norm_rms_eps(shape["rms_norm_eps"])
    out.add_rope_dimension_count(head)
    out.add_rope_freq_base(shape["rope_parameters"]["rope_theta"])
    out.add_vocab_size(vocab)
    out.add_tokenizer_model("llama")
    out.add_token_list([f"<{n}>".encode() for n in range(vocab)])
    out.add_token_scores([0.0] * vocab)
    out.add_token_types([1] * vocab)
    rng = np.random.default_rng(1)

    def matrix(name, rows, columns, kind):
        numbers = rng.standard_normal((rows, columns), dtype=np.float32) / np.float32(columns**0.5)
        packed = quantize(numbers, kind)
        out.add_tensor(name, packed, raw_dtype=kind)

    def norm(name):
        out.add_tensor(name, np.ones(hidden, dtype=np.float32))

    matrix("token_embd.weight", vocab, hidden, table)
    norm("output_norm.weight")
    if not shape.get("tie_word_embeddings"):
        matrix("output.weight", vocab, hidden, table)
    for layer in range(shape["num_hidden_layers"]):
        name = f"blk.{layer}."
        norm(name + "attn_norm.weight")
        norm(name + "ffn_norm.weight")
        matrix(name + "attn_q.weight", heads * head, hidden, kind)
        matrix(name + "attn_k.weight", kv * head, hidden, kind)
        matrix(name + "attn_v.weight", kv * head, hidden, kind)
        matrix(name + "attn_output.weight", hidden, heads * head, kind)
        matrix(name + "ffn_gate.weight", inner, hidden, kind)
        matrix(name + "ffn_up.weight", inner, hidden, kind)
        matrix(name + "ffn_down.weight", hidden, inner, kind)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


class Llama:
    """llama.cpp through its own interface: prompt in one batch, then one token after another."""

    def __init__(self, shape, dtype, args):
        from llama_cpp import Llama as Model

        threads, context = args.threads, args.prompt + args.output + 8
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.gguf"
            write_gguf(path, shape, dtype)
            self.load(Model, path, threads, context)

    def load(self, Model, path, threads, context):
        self.model = Model(str(path), n_ctx=context, n_batch=512, n_threads=threads, n_threads_batch=threads,
                           use_mmap=False, verbose=False, n_gpu_layers=0)
        self.vocab = self.model.n_vocab()

    def round(self, prompt, output):
        self.model.reset()
        ids = [3 + n * 37 % (self.vocab - 3) for n in range(prompt)]
        start = time.perf_counter()
        self.model.eval(ids)
        first = time.perf_counter()
        for step in range(output - 1):
            self.model.eval([3 + step * 53 % (self.vocab - 3)])
        return prompt / (first - start), (output - 1) / (time.perf_counter() - first)


class Transformers:
    """transformers, eager: prompt in one pass, then one token after another through its cache."""

    def __init__(self, shape, dtype, args):
        import torch
        from transformers import AutoConfig, AutoModelForCausalLM

        if dtype not in ("f32", "f16", "bf16"):
            raise SystemExit(f"transformers has no {dtype} of its own: use --formats f32,f16,bf16")
        torch.set_num_threads(args.threads)
        torch.manual_seed(1)
        kind = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}[dtype]
        settings = {key: value for key, value in shape.items() if key not in ("model_type", "dtype")}
        config = AutoConfig.for_model(shape["model_type"], **settings)
        self.torch, self.device = torch, args.device
        with torch.device(args.device):
            self.model = AutoModelForCausalLM.from_config(config, dtype=kind).eval()
        self.vocab = shape["vocab_size"]

    def round(self, prompt, output):
        tensor = lambda ids: self.torch.tensor([ids], device=self.device)
        with self.torch.inference_mode():
            ids = tensor([3 + n * 37 % (self.vocab - 3) for n in range(prompt)])
            start = time.perf_counter()
            said = self.model(ids, use_cache=True, logits_to_keep=1)
            # Its answer on the host ends prefill, on whatever device.
            said.logits[0, -1].argmax().item()
            first = time.perf_counter()
            for step in range(output - 1):
                said = self.model(tensor([3 + step * 53 % (self.vocab - 3)]), use_cache=True,
                                  past_key_values=said.past_key_values)
                said.logits[0, -1].argmax().item()
        return prompt / (first - start), (output - 1) / (time.perf_counter() - first)


OTHERS = {"llama.cpp": Llama, "transformers": Transformers, "none": None}


def ours(speed, shape, dtype, args):
    if str(speed).endswith(".json"):
        wanted = {"dtype": dtype, "batch": 1, "prompt_tokens": args.prompt, "output_tokens": args.output}
        rows = json.loads(pathlib.Path(speed).read_text())["rows"]
        found = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
        found = [row for row in found if row["model"] == pathlib.Path(shape).stem]
        if not found:
            raise SystemExit(f"{speed} has no line of {pathlib.Path(shape).stem} with {wanted}")
        return found[0]
    call = [speed, shape, dtype, args.threads, args.prompt, args.output, 1, 1, "json"]
    row = json.loads(subprocess.run(list(map(str, call)), check=True, capture_output=True, text=True).stdout)
    return row


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("speed")
    parser.add_argument("shapes", nargs="*")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", type=int, default=128)
    parser.add_argument("--output", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--formats", default="f32,f16,int8,int4")
    parser.add_argument("--beside", choices=OTHERS, default="llama.cpp")
    args = parser.parse_args()
    if args.device == "cuda" and not (args.speed.endswith(".json") and args.beside == "transformers"):
        raise SystemExit("with --device cuda give a table of ours and --beside transformers")
    shapes = args.shapes or [pathlib.Path(__file__).parent.parent / "shapes" / "smollm2-135m.json"]
    print(f"| shape | format | prefill tok/s ours | {args.beside} | ratio | decode tok/s ours | {args.beside} | ratio "
          "| of read bandwidth | GB/s read | load |")
    print("|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for shape in shapes:
        numbers = json.loads(pathlib.Path(shape).read_text())
        for dtype in args.formats.split(","):
            other = OTHERS[args.beside] and OTHERS[args.beside](numbers, dtype, args)
            if other:
                other.round(args.prompt, 4)
            rows, theirs = [], []
            for _ in range(args.rounds):
                rows.append(ours(args.speed, shape, dtype, args))
                if other:
                    theirs.append(other.round(args.prompt, args.output))
            middle = statistics.median
            kind = TYPES[dtype].lower() if args.beside == "llama.cpp" else dtype
            cells = [pathlib.Path(shape).stem, f"{dtype} / {kind}"]
            for at, key in enumerate(["prefill_tokens_per_s", "decode_tokens_per_s"]):
                mine = [row[key] for row in rows]
                cells.append(f"{middle(mine):.1f}")
                if theirs:
                    cells.append(f"{middle([their[at] for their in theirs]):.1f}")
                    cells.append(f"{middle([a / b[at] for a, b in zip(mine, theirs)]):.2f}")
                else:
                    cells += ["-", "-"]
            cells.append(f"{100 * middle([row['share'] for row in rows]):.0f} %")
            cells.append(f"{middle([row['decode_gb_per_s'] for row in rows]):.1f} of "
                         f"{middle([row['bandwidth_gb_per_s'] for row in rows]):.1f}")
            cells.append(f"{os.getloadavg()[0]:.1f}")
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
