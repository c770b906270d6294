"""The official clients of OpenAI and Anthropic against `forerun mock`.

Called with the base URL of a server that serves script.yaml. Prints a line a check; fails if one does.
"""

import json
import sys
import traceback

import anthropic
import openai

BASE = sys.argv[1]
KEY = "conformance-key"
MESSAGES = [{"role": "user", "content": "Read both files."}]
CHAT_TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in ("read_file", "list_files")
]
RESPONSES_TOOLS = [
    {"type": "function", "name": name, "parameters": {"type": "object", "properties": {}}, "strict": False}
    for name in ("read_file", "list_files")
]
MESSAGES_TOOLS = [
    {"name": name, "input_schema": {"type": "object", "properties": {}}} for name in ("read_file", "list_files")
]
ARGUMENTS = [{"path": "a.txt"}, {"path": "b “quoted”.txt", "lines": [1, 2]}]
PLAIN = "Grüße, “world”. One, two, three."
SPOILT_BUT_WHOLE = {
    "zipped": "Unzipped, “it” reads well.",
    "brotli": "Unwrapped, “it” reads well.",
    "bytewise": "Put together, “it” reads well.",
    "trailing": "Before the trailers.",
    "old": "As in 1996.",
    "long": "A long line.",
    "novel": "What is new is ignored.",
    "crlf": "Lines end as they like.",
    "slow": "Drop by drop.",
}

oai = openai.OpenAI(base_url=BASE, api_key=KEY, max_retries=2)
claude = anthropic.Anthropic(base_url=BASE.removesuffix("/v1"), api_key=KEY, max_retries=2)
once = oai.with_options(max_retries=0)
claude_once = claude.with_options(max_retries=0)
checks = []


def check(function):
    checks.append(function)
    return function


def raises(kind, function):
    try:
        function()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


# Chat Completions


def chat(model, messages=MESSAGES, **more):
    return oai.chat.completions.create(model=model, messages=messages, **more)


def chat_text(model):
    chunks = chat(model, stream=True)
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


@check
def chat_whole():
    answer = chat("plain")
    assert answer.object == "chat.completion" and answer.id.startswith("chatcmpl-"), answer
    assert answer.choices[0].message.content == PLAIN
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0
    assert answer._request_id.startswith("req_")


@check
def chat_stream():
    chunks = list(chat("plain", stream=True, stream_options={"include_usage": True}))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == PLAIN
    assert len(chunks) > 8
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 0
    assert all(c.usage is None for c in chunks[:-1])


@check
def chat_several_choices():
    answer = chat("plain", n=3)
    assert [c.index for c in answer.choices] == [0, 1, 2]
    texts = ["", "", ""]
    order = []
    for chunk in chat("plain", n=3, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
            order.append(choice.index)
    assert texts == [PLAIN] * 3
    assert order[:6] == [0, 1, 2, 0, 1, 2], order
    samples = chat("guesser", n=16, messages=MESSAGES + [{"role": "user", "content": "width: 1"}])
    assert len({c.message.content for c in samples.choices}) > 1


def chat_answers(calls):
    return [{"role": "tool", "tool_call_id": call.id, "content": f"output {n}"} for n, call in enumerate(calls)]


@check
def chat_tools():
    messages = list(MESSAGES)
    first = chat("tools", messages, tools=CHAT_TOOLS).choices[0]
    assert first.finish_reason == "tool_calls" and first.message.content == "Reading both."
    calls = first.message.tool_calls
    assert [c.function.name for c in calls] == ["read_file", "read_file"]
    assert [json.loads(c.function.arguments) for c in calls] == ARGUMENTS
    assert len({c.id for c in calls}) == 2
    messages += [first.message] + chat_answers(calls)
    second = chat("tools", messages, tools=CHAT_TOOLS).choices[0].message
    assert json.loads(second.tool_calls[0].function.arguments) == {}
    messages += [second] + chat_answers(second.tool_calls)
    assert chat("tools", messages, tools=CHAT_TOOLS).choices[0].message.content == "Both read."
    error = raises(openai.BadRequestError, lambda: chat("tools", messages[:2], tools=CHAT_TOOLS))
    assert "tool_call_id" in error.message, error


@check
def chat_stream_helper():
    with oai.chat.completions.stream(model="tools", messages=MESSAGES, tools=CHAT_TOOLS) as stream:
        events = [event.type for event in stream]
        final = stream.get_final_completion().choices[0].message
    assert [json.loads(c.function.arguments) for c in final.tool_calls] == ARGUMENTS
    assert events.count("tool_calls.function.arguments.done") == 2, events


@check
def chat_ends():
    assert chat("short").choices[0].finish_reason == "length"
    assert chat("filtered").choices[0].finish_reason == "content_filter"


@check
def chat_errors():
    assert raises(openai.NotFoundError, lambda: chat("nobody")).code == "model_not_found"
    wrong = oai.with_options(api_key="wrong")
    error = raises(
        openai.AuthenticationError, lambda: wrong.chat.completions.create(model="plain", messages=MESSAGES))
    assert error.code == "invalid_api_key"
    assert raises(openai.BadRequestError, lambda: chat("overlong")).code == "context_length_exceeded"
    error = raises(openai.APIError, lambda: chat_text("breaking"))
    assert "Overloaded" in error.message, error


@check
def chat_retries():
    assert chat("flaky").choices[0].message.content == "Fine."
    assert chat("busy").choices[0].message.content == "Fine."
    raises(openai.InternalServerError, lambda: chat("refusing"))


@check
def chat_limits():
    raw = once.chat.completions.with_raw_response.create(model="limited", messages=MESSAGES)
    assert raw.headers["x-ratelimit-limit-requests"] == "2", raw.headers
    assert raw.headers["x-ratelimit-remaining-requests"] == "1"
    assert raw.headers["x-ratelimit-reset-requests"] == "30m0s", raw.headers
    once.chat.completions.create(model="limited", messages=MESSAGES)
    error = raises(
        openai.RateLimitError, lambda: once.chat.completions.create(model="limited", messages=MESSAGES))
    assert error.code == "rate_limit_exceeded" and int(error.response.headers["retry-after"]) > 1000


@check
def chat_survives():
    for model, text in SPOILT_BUT_WHOLE.items():
        assert chat(model).choices[0].message.content == text, model
        assert chat_text(model) == text, model


# Responses


def respond(model, **more):
    return oai.responses.create(model=model, **({"input": "Read both files."} | more))


@check
def responses_whole():
    answer = respond("plain")
    assert answer.status == "completed" and answer.output_text == PLAIN and answer.id.startswith("resp_")
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens > 0


@check
def responses_stream():
    events = list(respond("tools", tools=RESPONSES_TOOLS, stream=True))
    assert [e.sequence_number for e in events] == list(range(len(events)))
    types = [e.type for e in events]
    assert types[:2] == ["response.created", "response.in_progress"] and types[-1] == "response.completed", types
    texts = [e.delta for e in events if e.type == "response.output_text.delta"]
    assert "".join(texts) == "Reading both." and len(texts) > 1
    summary = [e.delta for e in events if e.type == "response.reasoning_summary_text.delta"]
    assert "".join(summary) == "I need two files."
    done = [e for e in events if e.type == "response.function_call_arguments.done"]
    assert [json.loads(e.arguments) for e in done] == ARGUMENTS
    for event in done:
        parts = [
            e.delta for e in events
            if e.type == "response.function_call_arguments.delta" and e.output_index == event.output_index
        ]
        assert "".join(parts) == event.arguments
    assert [i.type for i in events[-1].response.output] == ["reasoning", "message", "function_call", "function_call"]


@check
def responses_stream_helper():
    with oai.responses.stream(model="tools", input="Go.", tools=RESPONSES_TOOLS) as stream:
        for _ in stream:
            pass
        final = stream.get_final_response()
    assert [json.loads(i.arguments) for i in final.output if i.type == "function_call"] == ARGUMENTS


def response_outputs(response):
    return [
        {"type": "function_call_output", "call_id": item.call_id, "output": "an output"}
        for item in response.output if item.type == "function_call"
    ]


@check
def responses_tools_by_id():
    first = respond("tools", tools=RESPONSES_TOOLS)
    second = respond("tools", tools=RESPONSES_TOOLS, input=response_outputs(first), previous_response_id=first.id)
    assert second.previous_response_id == first.id
    assert [i.name for i in second.output if i.type == "function_call"] == ["list_files"]
    third = respond("tools", tools=RESPONSES_TOOLS, input=response_outputs(second), previous_response_id=second.id)
    assert third.output_text == "Both read."
    raises(openai.BadRequestError, lambda: respond("tools", previous_response_id="resp_none"))
    raises(openai.BadRequestError, lambda: respond("tools", previous_response_id=first.id))


@check
def responses_tools_by_items():
    items = [{"role": "user", "content": "Go."}]
    more = {"tools": RESPONSES_TOOLS, "store": False, "include": ["reasoning.encrypted_content"]}
    first = respond("tools", input=items, **more)
    assert first.output[0].encrypted_content
    items += [item.model_dump(exclude_none=True) for item in first.output] + response_outputs(first)
    second = respond("tools", input=items, **more)
    assert [i.name for i in second.output if i.type == "function_call"] == ["list_files"]
    raises(openai.BadRequestError, lambda: respond("tools", input=items[:-1], **more))


@check
def responses_ends():
    answer = respond("short")
    assert answer.status == "incomplete" and answer.incomplete_details.reason == "max_output_tokens"
    assert respond("filtered").incomplete_details.reason == "content_filter"
    assert list(respond("short", stream=True))[-1].type == "response.incomplete"


@check
def responses_errors():
    raises(openai.NotFoundError, lambda: respond("nobody"))
    raises(openai.BadRequestError, lambda: respond("plain", input=[]))
    try:
        events = list(respond("breaking", stream=True))
        assert events[-1].type == "error" and "Overloaded" in events[-1].message, events[-1]
    except openai.APIError as error:
        assert "Overloaded" in error.message, error


@check
def responses_survive():
    for model, text in SPOILT_BUT_WHOLE.items():
        assert respond(model).output_text == text, model
        events = list(respond(model, stream=True))
        assert events[-1].response.output_text == text, model


# Messages


def message(model, messages=MESSAGES, **more):
    return claude.messages.create(model=model, messages=messages, max_tokens=1000, **more)


def streamed_message(model, messages=MESSAGES, **more):
    with claude.messages.stream(model=model, messages=messages, max_tokens=1000, **more) as stream:
        events = list(stream)
        return events, stream.get_final_message()


@check
def messages_whole():
    answer = message("plain", system="Be brief.")
    assert answer.content[0].text == PLAIN and answer.stop_reason == "end_turn" and answer.id.startswith("msg_")
    assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0
    assert answer._request_id.startswith("req_")


@check
def messages_stream():
    events, final = streamed_message("tools", tools=MESSAGES_TOOLS)
    assert [b.type for b in final.content] == ["thinking", "text", "tool_use", "tool_use"]
    assert final.content[0].thinking == "I need two files." and final.content[0].signature
    assert [b.input for b in final.content[2:]] == ARGUMENTS
    assert final.stop_reason == "tool_use" and final.usage.output_tokens > 1
    assert sum(e.type == "content_block_delta" for e in events) > 10
    raw = [e.type for e in message("plain", stream=True)]
    assert raw[0] == "message_start" and raw[-2:] == ["message_delta", "message_stop"], raw


def results(answer):
    return {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": block.id, "content": "an output"}
            for block in answer.content if block.type == "tool_use"
        ],
    }


@check
def messages_tools():
    messages = list(MESSAGES)
    _, first = streamed_message("tools", tools=MESSAGES_TOOLS)
    messages += [{"role": "assistant", "content": first.content}, results(first)]
    _, second = streamed_message("tools", messages, tools=MESSAGES_TOOLS)
    assert second.content[-1].name == "list_files" and second.content[-1].input == {}
    messages += [{"role": "assistant", "content": second.content}, results(second)]
    assert message("tools", messages, tools=MESSAGES_TOOLS).content[0].text == "Both read."
    raises(anthropic.BadRequestError, lambda: message("tools", messages[:2], tools=MESSAGES_TOOLS))
    forged = [block.model_dump() for block in first.content]
    forged[0]["thinking"] = "Something else."
    error = raises(
        anthropic.BadRequestError,
        lambda: message("tools", [MESSAGES[0], {"role": "assistant", "content": forged}, results(first)]))
    assert "signature" in error.message


@check
def messages_ends():
    assert message("short").stop_reason == "max_tokens"
    assert message("filtered").stop_reason == "refusal"


@check
def messages_errors():
    error = raises(anthropic.NotFoundError, lambda: message("nobody"))
    assert error.body["type"] == "error" and error.body["error"]["type"] == "not_found_error", error.body
    wrong = claude.with_options(api_key="wrong")
    raises(
        anthropic.AuthenticationError,
        lambda: wrong.messages.create(model="plain", messages=MESSAGES, max_tokens=10))
    assert "prompt is too long" in raises(anthropic.BadRequestError, lambda: message("overlong")).message
    error = raises(anthropic.APIStatusError, lambda: streamed_message("breaking"))
    assert error.body["error"]["type"] == "overloaded_error", error.body


@check
def messages_retries():
    refused = raises(anthropic.InternalServerError, lambda: message("refusing"))
    assert refused.status_code == 503


@check
def messages_limits():
    error = raises(
        anthropic.RateLimitError,
        lambda: claude_once.messages.create(model="limited", messages=MESSAGES, max_tokens=10))
    headers = error.response.headers
    assert headers["anthropic-ratelimit-requests-limit"] == "2"
    assert headers["anthropic-ratelimit-requests-remaining"] == "0"
    assert headers["anthropic-ratelimit-requests-reset"].endswith("Z")


@check
def messages_survive():
    for model, text in SPOILT_BUT_WHOLE.items():
        assert message(model).content[0].text == text, model
        assert streamed_message(model)[1].content[0].text == text, model


@check
def messages_count_tokens():
    assert claude.messages.count_tokens(model="plain", messages=MESSAGES).input_tokens > 0


# Plain completions


@check
def completions_whole():
    answer = oai.completions.create(model="plain", prompt="Go on: ", max_tokens=100)
    assert answer.object == "text_completion" and answer.choices[0].text == PLAIN
    assert answer.choices[0].finish_reason == "stop" and answer.usage.completion_tokens > 0
    cut = oai.completions.create(model="plain", prompt="Go on: ", max_tokens=2).choices[0]
    assert cut.finish_reason == "length" and PLAIN.startswith(cut.text)
    assert oai.completions.create(model="plain", prompt="Go on: ", stop=[" One"]).choices[0].text == "Grüße, “world”."


@check
def completions_stream():
    chunks = list(
        oai.completions.create(model="plain", prompt="Go on: ", stream=True, stream_options={"include_usage": True}))
    assert "".join(c.choices[0].text for c in chunks if c.choices) == PLAIN
    assert chunks[-1].usage.total_tokens > 0


@check
def completions_lists_and_steps():
    turn = "<|im_start|>assistant\n"
    prompts = ["Go." + turn, "Go." + turn + "Reading both." + turn, "Go." + turn + "a" + turn + "b" + turn]
    answer = oai.completions.create(model="tools", prompt=prompts, n=2)
    assert [c.index for c in answer.choices] == list(range(6))
    assert answer.choices[0].text.startswith("Reading both.\n<tool_call>\n{\"name\": \"read_file\"")
    assert answer.choices[1].text == answer.choices[0].text
    assert "list_files" in answer.choices[2].text and answer.choices[5].text == "Both read."


# Models


@check
def models():
    names = [model.id for model in oai.models.list()]
    assert "tools" in names and oai.models.retrieve("tools").id == "tools"
    assert [model.id for model in claude.models.list()] == names
    assert claude.models.retrieve("tools").type == "model"
    raises(openai.NotFoundError, lambda: oai.models.retrieve("nobody"))


failures = 0
for function in checks:
    try:
        function()
        print(f"passed {function.__name__}")
    except Exception:
        failures += 1
        print(f"FAILED {function.__name__}")
        traceback.print_exc()
versions = f"openai {openai.__version__}, anthropic {anthropic.__version__}"
print(f"{len(checks) - failures} of {len(checks)} checks passed with {versions}")
sys.exit(1 if failures else 0)
