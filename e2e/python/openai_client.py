"""The unchanged OpenAI client against a running service: BASE_URL names it. Ends with an error if anything is amiss."""

import json
import os
import time
import urllib.request

import openai

client = openai.OpenAI(base_url=os.environ["BASE_URL"] + "/v1", api_key="none", timeout=120, max_retries=0)

models = [model.id for model in client.models.list()]
assert models, "no model is on offer"
model = models[0]
assert client.models.retrieve(model).id == model

asked = [{"role": "user", "content": "What is 17 plus 25?"}]


def check_energy(usage):
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, usage
    energy = usage.energy
    assert energy["label"] in ("measured", "modelled"), energy
    low, high = energy["interval_j"]
    assert low <= energy["energy_j"] <= high and energy["energy_j"] > 0, energy
    assert energy["domains"] and energy["verdict"]["grade"], energy
    assert energy["carbon_g"] > 0 and energy["sci_per_response_g"] > energy["carbon_g"], energy
    assert "/r/" in energy["permalink"], energy


whole = client.chat.completions.create(model=model, messages=asked, temperature=0, max_tokens=48)
answer = whole.choices[0].message.content
assert answer and whole.choices[0].finish_reason in ("stop", "length"), whole
check_energy(whole.usage)

said, usage = "", None
for chunk in client.chat.completions.create(
    model=model, messages=asked, temperature=0, max_tokens=48, stream=True, stream_options={"include_usage": True}
):
    if chunk.choices:
        said += chunk.choices[0].delta.content or ""
    usage = chunk.usage or usage
assert said == answer, f"streamed {said!r}, whole {answer!r}"
check_energy(usage)

talk = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "What is 1 plus 1?"},
    {"role": "assistant", "content": "2"},
    {"role": "user", "content": "What is 2 plus 2?"},
]
longer = client.chat.completions.create(model=model, messages=talk, temperature=0, max_tokens=16)
assert longer.usage.prompt_tokens > whole.usage.prompt_tokens, "earlier turns reach the model"

completion = client.completions.create(model=model, prompt="What is", max_tokens=8, temperature=0)
assert completion.usage.completion_tokens <= 8 and completion.choices[0].text is not None
check_energy(completion.usage)
one_of_a_list = client.completions.create(model=model, prompt=["What is"], max_tokens=8, temperature=0)
assert one_of_a_list.choices[0].text == completion.choices[0].text, "a list of one is that one"

said, usage = "", None
for chunk in client.completions.create(
    model=model, prompt="What is", max_tokens=8, temperature=0, stream=True, stream_options={"include_usage": True}
):
    said += chunk.choices[0].text if chunk.choices else ""
    usage = chunk.usage or usage
assert said == completion.choices[0].text, said
check_energy(usage)

# The same seed, the same answer, however warm; a limit by its newer name; what asks for nothing is no obstacle.
warm = [
    client.chat.completions.create(
        model=model, messages=asked, temperature=1, seed=11, max_completion_tokens=16, n=1, stop=None, tools=[],
        response_format={"type": "text"}, logprobs=False, user="me", metadata={"a": "b"},
    )
    for _ in range(2)
]
assert warm[0].choices[0].message.content == warm[1].choices[0].message.content, warm
assert all(answer.usage.completion_tokens <= 16 for answer in warm)

# Several answers at once, each with a seed of its own; what they cost is the cost of all.
several = client.chat.completions.create(model=model, messages=asked, temperature=1, seed=5, n=3, max_tokens=16)
assert [choice.index for choice in several.choices] == [0, 1, 2], several
assert all(choice.message.content is not None and choice.finish_reason for choice in several.choices), several
assert several.usage.completion_tokens <= 3 * 16 and several.usage.energy["answers"] == 3, several.usage
check_energy(several.usage)
parts, ends = {}, set()
for chunk in client.chat.completions.create(
    model=model, messages=asked, temperature=1, seed=5, n=3, max_tokens=16, stream=True
):
    for choice in chunk.choices:
        parts[choice.index] = parts.get(choice.index, "") + (choice.delta.content or "")
        ends |= {choice.index} if choice.finish_reason else set()
assert parts == {choice.index: choice.message.content for choice in several.choices} and ends == {0, 1, 2}, parts

# Every field that this client knows is known there too: used, ignored or refused, as the page of the API says.
for create, params in (
    (client.chat.completions.create, openai.types.chat.completion_create_params),
    (client.completions.create, openai.types.completion_create_params),
):
    fields = {name for part in (params.CompletionCreateParamsBase, params.CompletionCreateParamsStreaming) for name in part.__annotations__}
    required = {"messages": asked} if "messages" in fields else {"prompt": "What is"}
    rest = {name: None for name in fields - {"model", *required}}
    try:
        create(model="gpt-9", **required, extra_body=rest)
    except openai.NotFoundError as error:
        assert error.code == "model_not_found", error
    else:
        raise AssertionError("an unknown model was not refused")

UNSUPPORTED = "unsupported_parameter"
for wrong, code in (
    ({"n": 0}, "invalid_value"),
    ({"stop": ["\n"]}, UNSUPPORTED),
    ({"tools": [{"type": "function", "function": {"name": "f"}}]}, UNSUPPORTED),
    ({"response_format": {"type": "json_object"}}, UNSUPPORTED),
    ({"logprobs": True}, UNSUPPORTED),
    ({"temperature": 3}, "temperature_out_of_range"),
    ({"max_completion_tokens": 0}, "max_output_tokens_out_of_range"),
    ({"extra_body": {"colour": "red"}}, "unknown_parameter"),
):
    try:
        client.chat.completions.create(model=model, messages=asked, **wrong)
    except openai.BadRequestError as error:
        assert (error.code, error.type) == (code, "invalid_request_error"), error
        name = next(iter(wrong.get("extra_body", wrong)))
        assert error.param == name and error.body["message"], error.body
    else:
        raise AssertionError(f"{wrong} was not refused")
try:
    client.completions.create(model=model, prompt=["one", "two"])
except openai.BadRequestError as error:
    assert error.param == "prompt", error
else:
    raise AssertionError("several prompts were not refused")
try:
    client.chat.completions.create(model="gpt-9", messages=asked)
except openai.NotFoundError as error:
    assert error.code == "model_not_found", error
else:
    raise AssertionError("an unknown model was not refused")

# Who hangs up takes the run back: nothing is left in the queue.
stream = client.chat.completions.create(model=model, messages=asked, temperature=0, max_tokens=48, stream=True)
next(iter(stream))
stream.close()
for _ in range(200):
    with urllib.request.urlopen(os.environ["BASE_URL"] + "/api/v1/machines") as reply:
        machines = json.load(reply)
    if machines["queued_runs"] + machines["leased_runs"] == 0:
        break
    time.sleep(0.1)
else:
    raise AssertionError("a run that nobody waits for is still there")

print(f"openai {openai.__version__}: {answer!r} for {whole.usage.energy['energy_j']:.3g} J ({whole.usage.energy['label']})")
