"""The unchanged OpenAI client against a running service: BASE_URL names it. Ends with an error if anything is amiss."""

import os

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

for wrong, code in (({"n": 2}, "unsupported_parameter"), ({"temperature": 3}, "temperature_out_of_range")):
    try:
        client.chat.completions.create(model=model, messages=asked, **wrong)
    except openai.BadRequestError as error:
        assert error.code == code, error
    else:
        raise AssertionError(f"{wrong} was not refused")
try:
    client.chat.completions.create(model="gpt-9", messages=asked)
except openai.NotFoundError as error:
    assert error.code == "model_not_found", error
else:
    raise AssertionError("an unknown model was not refused")

print(f"openai {openai.__version__}: {answer!r} for {whole.usage.energy['energy_j']:.3g} J ({whole.usage.energy['label']})")
