/// A small synthetic transcript, faithful to its format.
struct Fixture: CustomStringConvertible {
    let name: String
    let text: String
    /// Texts of which one stands in it for each call.
    let callMarks: [String]
    let format: String
    let runs: Int
    let calls: Int

    var description: String { name }
    var isLines: Bool { name.hasSuffix(".jsonl") }

    /// How many calls stand in a part of the text.
    func calls(in part: some StringProtocol) -> Int {
        callMarks.reduce(0) { $0 + String(part).ranges(of: $1).count }
    }

    static let all = [
        claudeCode, codex, codexOldest, codexExec, gemini, geminiOld, goose, openCodeExport, pi, miniText, miniFunction,
        sweAgent, tau, tau2, openAI, anthropic, anthropicLines, traces, eventLog,
    ]
}

extension Fixture {
    static let claudeCode = Fixture(
        name: "2b1f.jsonl",
        text: #"""
            {"type":"summary","summary":"Fix the parser","leafUuid":"u6"}
            {"type":"file-history-snapshot","messageId":"u1","snapshot":{},"isSnapshotUpdate":false}
            {"type":"user","uuid":"u1","parentUuid":null,"timestamp":"2026-03-01T10:00:00.000Z","sessionId":"s1","cwd":"/home/me/app","gitBranch":"main","version":"2.1.0","isSidechain":false,"message":{"role":"user","content":"Fix the parser"}}
            {"type":"assistant","uuid":"u2","parentUuid":"u1","timestamp":"2026-03-01T10:00:02.000Z","sessionId":"s1","cwd":"/home/me/app","isSidechain":false,"requestId":"r1","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"text","text":"I look at it."}],"usage":{"input_tokens":10,"cache_read_input_tokens":90,"cache_creation_input_tokens":5,"output_tokens":1}}}
            {"type":"assistant","uuid":"u3","parentUuid":"u2","timestamp":"2026-03-01T10:00:03.000Z","sessionId":"s1","cwd":"/home/me/app","isSidechain":false,"requestId":"r1","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t1","name":"Read","input":{"file_path":"/home/me/app/a.swift"}}],"usage":{"input_tokens":10,"cache_read_input_tokens":90,"cache_creation_input_tokens":5,"output_tokens":1}}}
            {"type":"assistant","uuid":"u4","parentUuid":"u3","timestamp":"2026-03-01T10:00:04.000Z","sessionId":"s1","cwd":"/home/me/app","isSidechain":false,"requestId":"r1","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t2","name":"Grep","input":{"pattern":"parse","path":"src"}}],"usage":{"input_tokens":10,"cache_read_input_tokens":90,"cache_creation_input_tokens":5,"output_tokens":1}}}
            {"type":"user","uuid":"u5","parentUuid":"u3","timestamp":"2026-03-01T10:00:09.000Z","sessionId":"s1","cwd":"/home/me/app","isSidechain":false,"message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"let a = 1","is_error":false}]},"toolUseResult":{"type":"text"}}
            {"type":"user","uuid":"u6","parentUuid":"u4","timestamp":"2026-03-01T10:00:10.000Z","sessionId":"s1","cwd":"/home/me/app","isSidechain":false,"message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t2","content":[{"type":"text","text":"src/p.swift:3"}],"is_error":true}]}}
            {"type":"system","subtype":"turn_duration","uuid":"u6b","parentUuid":"u3","timestamp":"2026-03-01T10:00:10.500Z","sessionId":"s1","isSidechain":false}
            {"type":"assistant","uuid":"u7","parentUuid":"u6","timestamp":"2026-03-01T10:00:12.000Z","sessionId":"s1","cwd":"/home/me/app","isSidechain":false,"requestId":"r2","message":{"id":"m2","role":"assistant","model":"claude-x","content":[{"type":"text","text":"Done."}],"usage":{"input_tokens":20,"output_tokens":1}}}

            """#, callMarks: [#""type":"tool_use""#], format: "claude-code", runs: 1, calls: 2)

    static let codex = Fixture(
        name: "rollout-2026-04-01T10-00-00-0196.jsonl",
        text: #"""
            {"timestamp":"2026-04-01T10:00:00.000Z","type":"session_meta","payload":{"id":"0196","timestamp":"2026-04-01T10:00:00.000Z","cwd":"/home/me/app","originator":"codex_cli","cli_version":"0.120.0","source":"cli","model_provider":"openai"}}
            {"timestamp":"2026-04-01T10:00:00.100Z","type":"turn_context","payload":{"turn_id":"1","cwd":"/home/me/app","approval_policy":"never","model":"gpt-x","effort":"medium"}}
            {"timestamp":"2026-04-01T10:00:00.200Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>\n<cwd>/home/me/app</cwd>\n</environment_context>"}]}}
            {"timestamp":"2026-04-01T10:00:00.300Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"Find the bug"}]}}
            {"timestamp":"2026-04-01T10:00:00.300Z","type":"event_msg","payload":{"type":"user_message","message":"Find the bug"}}
            {"timestamp":"2026-04-01T10:00:02.000Z","type":"response_item","payload":{"type":"reasoning","summary":[],"encrypted_content":"x"}}
            {"timestamp":"2026-04-01T10:00:02.300Z","type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Looking."}]}}
            {"timestamp":"2026-04-01T10:00:02.300Z","type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{\"command\":[\"bash\",\"-lc\",\"rg -n bug src\"],\"workdir\":\"/home/me/app\"}","call_id":"c1"}}
            {"timestamp":"2026-04-01T10:00:02.300Z","type":"response_item","payload":{"type":"function_call","name":"exec_command","arguments":"{\"cmd\":\"sed -n '1,20p' a.c\"}","call_id":"c2"}}
            {"timestamp":"2026-04-01T10:00:02.800Z","type":"response_item","payload":{"type":"function_call_output","call_id":"c1","output":"{\"output\":\"src/a.c:3: bug\\n\",\"metadata\":{\"exit_code\":0,\"duration_seconds\":0.2}}"}}
            {"timestamp":"2026-04-01T10:00:03.000Z","type":"response_item","payload":{"type":"function_call_output","call_id":"c2","output":"Chunk ID: 1\nWall time: 0.1 seconds\nProcess exited with code 2\nOutput:\nsed: no such file"}}
            {"timestamp":"2026-04-01T10:00:03.100Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":9},"last_token_usage":{"input_tokens":900,"cached_input_tokens":800,"output_tokens":50,"reasoning_output_tokens":20}}}}
            {"timestamp":"2026-04-01T10:00:05.000Z","type":"response_item","payload":{"type":"custom_tool_call","status":"completed","call_id":"c3","name":"apply_patch","input":"*** Begin Patch\n*** End Patch"}}
            {"timestamp":"2026-04-01T10:00:05.500Z","type":"response_item","payload":{"type":"custom_tool_call_output","call_id":"c3","output":"{\"output\":\"Success\",\"metadata\":{\"exit_code\":0}}"}}
            {"timestamp":"2026-04-01T10:00:07.000Z","type":"response_item","payload":{"type":"local_shell_call","call_id":"c4","status":"completed","action":{"type":"exec","command":["ls"]}}}
            {"timestamp":"2026-04-01T10:00:07.200Z","type":"response_item","payload":{"type":"function_call_output","call_id":"c4","output":[{"type":"input_text","text":"a.c"}]}}

            """#,
        callMarks: [#""type":"function_call","#, #""type":"custom_tool_call","#, #""type":"local_shell_call","#],
        format: "codex", runs: 1, calls: 4)

    static let codexOldest = Fixture(
        name: "rollout-2025-05-01.jsonl",
        text: #"""
            {"id":"5973","timestamp":"2025-05-01T10:00:00.000Z","instructions":null,"git":{"branch":"main"}}
            {"record_type":"state"}
            {"type":"message","role":"user","content":[{"type":"input_text","text":"List"}]}
            {"record_type":"state"}
            {"type":"function_call","id":"fc1","name":"shell","arguments":"{\"command\":[\"ls\"]}","call_id":"c1"}
            {"type":"function_call_output","call_id":"c1","output":"a\nb"}
            {"type":"message","role":"assistant","content":[{"type":"output_text","text":"Two."}]}

            """#, callMarks: [#""type":"function_call","#], format: "codex", runs: 1, calls: 1)

    static let codexExec = Fixture(
        name: "out.jsonl",
        text: #"""
            {"type":"thread.started","thread_id":"th1"}
            {"type":"turn.started"}
            {"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"Looking."}}
            {"type":"item.started","item":{"id":"item_1","type":"command_execution","command":"bash -lc 'ls'","aggregated_output":"","status":"in_progress"}}
            {"type":"item.completed","item":{"id":"item_1","type":"command_execution","command":"bash -lc 'ls'","aggregated_output":"a.c\n","exit_code":1,"status":"failed"}}
            {"type":"item.completed","item":{"id":"item_2","type":"mcp_tool_call","server":"docs","tool":"search","arguments":{"q":"x"},"result":{"content":[{"type":"text","text":"found"}]},"status":"completed"}}
            {"type":"item.completed","item":{"id":"item_3","type":"agent_message","text":"Done."}}
            {"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":50,"output_tokens":7}}

            """#, callMarks: [#""status":"in_progress""#, #""type":"mcp_tool_call""#], format: "codex-exec", runs: 1,
        calls: 2)

    static let gemini = Fixture(
        name: "session-2026-03-01T10-00-ab12cd34.jsonl",
        text: #"""
            {"sessionId":"g1","projectHash":"ph","startTime":"2026-03-01T10:00:00.000Z","lastUpdated":"2026-03-01T10:00:00.000Z","kind":"main"}
            {"id":"a","timestamp":"2026-03-01T10:00:00.000Z","type":"user","content":[{"text":"What is here?"}]}
            {"id":"b","timestamp":"2026-03-01T10:00:02.000Z","type":"gemini","content":"","model":"gemini-x","tokens":{"input":100,"output":10,"cached":40,"thoughts":5,"tool":0,"total":115}}
            {"id":"b","timestamp":"2026-03-01T10:00:02.000Z","type":"gemini","content":"","model":"gemini-x","toolCalls":[{"id":"x1","name":"list_directory","args":{"dir_path":"."},"status":"success","timestamp":"2026-03-01T10:00:03.000Z","result":[{"functionResponse":{"id":"x1","name":"list_directory","response":{"output":"a.txt"}}}]},{"id":"x2","name":"read_file","args":{"file_path":"nope"},"status":"error","timestamp":"2026-03-01T10:00:03.500Z","result":[{"functionResponse":{"id":"x2","name":"read_file","response":{"error":"File not found"}}}]}],"tokens":{"input":100,"output":10,"cached":40,"thoughts":5,"tool":0,"total":115}}
            {"id":"i","timestamp":"2026-03-01T10:00:04.000Z","type":"info","content":"Update available"}
            {"$set":{"lastUpdated":"2026-03-01T10:00:04.000Z"}}
            {"id":"c","timestamp":"2026-03-01T10:00:05.000Z","type":"gemini","content":"One file.","model":"gemini-x"}

            """#, callMarks: [#""args":"#], format: "gemini-cli", runs: 1, calls: 2)

    static let geminiOld = Fixture(
        name: "session-2025-09-01T10-00-ab12cd34.json",
        text: #"""
            {
              "sessionId": "g0",
              "projectHash": "ph",
              "startTime": "2025-09-01T10:00:00.000Z",
              "messages": [
                {"id": "a", "timestamp": "2025-09-01T10:00:00.000Z", "type": "user", "content": "Search"},
                {
                  "id": "b",
                  "timestamp": "2025-09-01T10:00:01.000Z",
                  "type": "gemini",
                  "content": "Searching",
                  "toolCalls": [{"id": "x", "name": "search_file_content", "args": {"pattern": "f(o"}, "status": "success", "result": [{"functionResponse": {"response": {"output": "No matches"}}}]}]
                }
              ]
            }

            """#, callMarks: [#""args":"#], format: "gemini-cli", runs: 1, calls: 1)

    static let goose = Fixture(
        name: "20250801_101010.jsonl",
        text: #"""
            {"working_dir":"/home/me/app","description":"List","message_count":4,"total_tokens":100}
            {"role":"user","created":1754042410,"content":[{"type":"text","text":"List it"}]}
            {"role":"assistant","created":1754042412,"content":[{"type":"text","text":"Sure."},{"type":"toolRequest","id":"q1","toolCall":{"status":"success","value":{"name":"developer__shell","arguments":{"command":"ls"}}}},{"type":"toolRequest","id":"q2","toolCall":{"status":"error","error":"Invalid arguments"}}]}
            {"role":"user","created":1754042413,"content":[{"type":"toolResponse","id":"q1","toolResult":{"status":"success","value":[{"type":"text","text":"a.txt","annotations":{"audience":["assistant"]}},{"type":"text","text":"for people","annotations":{"audience":["user"],"priority":0.0}}]}},{"type":"toolResponse","id":"q2","toolResult":{"status":"error","error":"Invalid arguments"}}]}
            {"role":"assistant","created":1754042415,"content":[{"type":"text","text":"One file."}]}

            """#, callMarks: [#""type":"toolRequest""#], format: "goose", runs: 1, calls: 2)

    static let openCodeExport = Fixture(
        name: "export.json",
        text: #"""
            {
              "info": {"id": "ses_1", "directory": "/home/me/app", "title": "t", "parentID": "ses_0"},
              "messages": [
                {"info": {"id": "msg_1", "role": "user", "time": {"created": 1754042410000}}, "parts": [{"type": "text", "text": "Read it"}, {"type": "text", "text": "reminder", "synthetic": true}]},
                {"info": {"id": "msg_2", "role": "assistant", "modelID": "m", "time": {"created": 1754042411000, "completed": 1754042419000}}, "parts": [
                  {"type": "step-start"},
                  {"type": "tool", "callID": "k1", "tool": "read", "state": {"status": "completed", "input": {"filePath": "a"}, "output": "A", "title": "a", "metadata": {}, "time": {"start": 1754042412000, "end": 1754042412250}}},
                  {"type": "step-finish", "cost": 0, "tokens": {"input": 10, "output": 5, "reasoning": 2, "cache": {"read": 100, "write": 3}}},
                  {"type": "step-start"},
                  {"type": "tool", "callID": "k2", "tool": "bash", "state": {"status": "error", "input": {"command": "false"}, "error": "failed", "time": {"start": 1754042414000, "end": 1754042415000}}},
                  {"type": "tool", "callID": "k3", "tool": "grep", "state": {"status": "running", "input": {"pattern": "x"}, "time": {"start": 1754042416000}}},
                  {"type": "step-finish", "tokens": {"input": 20, "output": 6, "reasoning": 0, "cache": {"read": 0, "write": 0}}},
                  {"type": "snapshot-of-tomorrow"}
                ]}
              ]
            }
            """#, callMarks: [#""callID":"#], format: "opencode", runs: 1, calls: 3)

    static let pi = Fixture(
        name: "2026-02-01T10-00-00_9c.jsonl",
        text: #"""
            {"type":"session","version":3,"id":"9c","timestamp":"2026-02-01T10:00:00.000Z","cwd":"/home/me/app"}
            {"type":"model_change","id":"00000000","parentId":null,"timestamp":"2026-02-01T10:00:00.000Z","provider":"p","modelId":"m"}
            {"type":"message","id":"00000001","parentId":"00000000","timestamp":"2026-02-01T10:00:01.000Z","message":{"role":"user","content":"Read a"}}
            {"type":"message","id":"00000002","parentId":"00000001","timestamp":"2026-02-01T10:00:03.000Z","message":{"role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"OK"},{"type":"toolCall","id":"k1","name":"read","arguments":{"path":"a"}}],"usage":{"input":10,"output":5,"cacheRead":100,"cacheWrite":0}}}
            {"type":"message","id":"00000003","parentId":"00000002","timestamp":"2026-02-01T10:00:03.040Z","message":{"role":"toolResult","toolCallId":"k1","toolName":"read","content":[{"type":"text","text":"A"}],"isError":false}}
            {"type":"message","id":"00000004","parentId":"00000003","timestamp":"2026-02-01T10:00:05.000Z","message":{"role":"assistant","model":"m","content":[{"type":"text","text":"It says A."}]}}

            """#, callMarks: [#""type":"toolCall""#], format: "pi", runs: 1, calls: 1)

    static let miniText = Fixture(
        name: "astropy.traj.json",
        text: #"""
            {
              "info": {"exit_status": "Submitted", "submission": "", "mini_version": "1.14.0", "model_stats": {"instance_cost": 0.1}, "config": {"model": {"model_name": "m"}, "environment": {"cwd": "/testbed"}}},
              "messages": [
                {"role": "system", "content": "You are a helper."},
                {"role": "user", "content": "Fix it"},
                {"role": "assistant", "content": "THOUGHT: look\n\n```bash\nls -la\ncat a.py\n```", "extra": {"response": {}}},
                {"role": "user", "content": "<returncode>0</returncode>\n<output>\na.py\n</output>"},
                {"role": "assistant", "content": "Two blocks\n```bash\nls\n```\n```bash\npwd\n```"},
                {"role": "user", "content": "Please provide EXACTLY ONE action"},
                {"role": "assistant", "content": "```mswea_bash_command\nfalse\n```"},
                {"role": "user", "content": "<returncode>1</returncode>\n<output>\n</output>"}
              ],
              "instance_id": "astropy-1",
              "trajectory_format": "mini-swe-agent-1.1"
            }
            """#, callMarks: ["<returncode>"], format: "mini-swe-agent", runs: 1, calls: 2)

    static let miniFunction = Fixture(
        name: "django.traj.json",
        text: #"""
            {"info": {"exit_status": "Submitted", "mini_version": "2.0.0", "model_stats": {}, "config": {}},
             "messages": [
               {"role": "user", "content": "Fix it", "extra": {"timestamp": 1760000000.0}},
               {"role": "assistant", "content": "Looking", "tool_calls": [{"id": "k1", "type": "function", "function": {"name": "bash", "arguments": "{\"command\": \"ls\"}"}}], "extra": {"actions": [{"command": "ls", "tool_call_id": "k1"}], "timestamp": 1760000002.5}},
               {"role": "tool", "tool_call_id": "k1", "content": "<returncode>0</returncode>\n<output>a</output>", "extra": {"returncode": 0, "timestamp": 1760000002.75}},
               {"object": "response", "output": [], "extra": {"actions": [{"command": "pwd", "tool_call_id": "k2"}], "timestamp": 1760000004.0}},
               {"type": "function_call_output", "call_id": "k2", "output": "<returncode>2</returncode>", "extra": {"timestamp": 1760000004.5}},
               {"role": "exit", "content": "done", "extra": {"exit_status": "Submitted"}}
             ],
             "trajectory_format": "mini-swe-agent-1.1"}
            """#, callMarks: [#""actions": [{"#], format: "mini-swe-agent", runs: 1, calls: 2)

    static let sweAgent = Fixture(
        name: "pydicom-1458.traj",
        text: #"""
            {
              "environment": "swe_main",
              "trajectory": [
                {"action": "ls -F\n", "observation": "a.py\n", "response": "Look.\n```\nls -F\n```", "state": "{}", "thought": "Look.\n", "execution_time": 0.25},
                {"action": "", "observation": "", "response": "?", "thought": "Nothing"},
                {"action": "edit 1:2\nx = 1\nend_of_edit", "observation": "Error: no file open", "thought": "Edit"}
              ],
              "history": [
                {"role": "system", "content": "SETTING"},
                {"role": "user", "content": "demonstration", "is_demo": true},
                {"role": "user", "content": "Solve the issue", "agent": "primary"}
              ],
              "info": {"exit_status": "submitted", "model_stats": {}}
            }
            """#, callMarks: [#""action": ""#], format: "swe-agent", runs: 1, calls: 2)

    static let tau = Fixture(
        name: "gpt-4o-airline.json",
        text: #"""
            [
              {"task_id": 0, "reward": 1.0, "trial": 0, "info": {"task": {"user_id": "mia_1", "actions": []}}, "traj": [
                {"role": "system", "content": "policy"},
                {"role": "user", "content": "I am mia_1"},
                {"role": "assistant", "content": null, "tool_calls": [{"id": "k1", "type": "function", "function": {"name": "get_user_details", "arguments": "{\"user_id\": \"mia_1\"}"}}]},
                {"role": "tool", "tool_call_id": "k1", "name": "get_user_details", "content": "{\"name\": \"Mia\"}"},
                {"role": "assistant", "content": "Hello Mia", "tool_calls": null}
              ]},
              {"task_id": 0, "reward": 0.0, "trial": 1, "info": {"task": {"user_id": "mia_1"}}, "traj": [
                {"role": "user", "content": "I am mia_1"},
                {"role": "assistant", "content": "", "tool_calls": [{"id": "k1", "type": "function", "function": {"name": "get_reservation_details", "arguments": "{\"reservation_id\": \"X\"}"}}]},
                {"role": "tool", "tool_call_id": "k1", "content": "Error: reservation not found"}
              ]}
            ]
            """#, callMarks: [#""type": "function""#], format: "tau-bench", runs: 2, calls: 2)

    static let tau2 = Fixture(
        name: "telecom.json",
        text: #"""
            {
              "timestamp": "2026-01-01T10:00:00",
              "info": {"num_trials": 1, "agent_info": {"implementation": "llm_agent", "llm": "gpt-x"}, "environment_info": {"domain_name": "telecom", "policy": "p"}},
              "tasks": [{"id": "t1"}],
              "simulations": [
                {"id": "sim-1", "task_id": "[mms]off[PERSONA:Easy]", "trial": 0, "timestamp": "2026-01-01T10:00:00", "duration": 9.0, "messages": [
                  {"role": "assistant", "content": "Hi! How can I help you today?", "tool_calls": null, "timestamp": "2026-01-01T10:00:00.000000", "usage": null},
                  {"role": "user", "content": "My phone is off", "tool_calls": null, "timestamp": "2026-01-01T10:00:01.000000"},
                  {"role": "assistant", "content": null, "tool_calls": [{"id": "k1", "name": "get_customer_by_phone", "arguments": {"phone_number": "5"}, "requestor": "assistant"}], "timestamp": "2026-01-01T10:00:02.500000", "usage": {"completion_tokens": 10, "prompt_tokens": 900}},
                  {"role": "tool", "id": "k1", "content": "{\"id\": \"C1\"}", "requestor": "assistant", "error": false, "timestamp": "2026-01-01T10:00:02.500000"},
                  {"role": "assistant", "content": "Please toggle it", "tool_calls": null, "timestamp": "2026-01-01T10:00:04.000000"},
                  {"role": "user", "content": null, "tool_calls": [{"id": "k2", "name": "toggle_airplane_mode", "arguments": {}, "requestor": "user"}], "timestamp": "2026-01-01T10:00:05.000000"},
                  {"role": "tool", "id": "k2", "content": "off", "requestor": "user", "error": false, "timestamp": "2026-01-01T10:00:05.000000"},
                  {"role": "user", "content": "Done", "tool_calls": null, "timestamp": "2026-01-01T10:00:06.000000"}
                ]}
              ]
            }
            """#, callMarks: [#""requestor": "assistant"}],"#], format: "tau-bench", runs: 1, calls: 1)

    static let openAI = Fixture(
        name: "chat.json",
        text: #"""
            {"model": "gpt-x", "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}}],
             "messages": [
              {"role": "system", "content": "s"},
              {"role": "user", "content": [{"type": "text", "text": "go"}]},
              {"role": "assistant", "content": null, "tool_calls": [{"id": "call_0", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 1}"}}, {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{broken"}}]},
              {"role": "tool", "tool_call_id": "call_1", "content": "two"},
              {"role": "tool", "tool_call_id": "call_0", "content": "one"},
              {"role": "assistant", "content": "", "tool_calls": [{"id": "call_0", "type": "function", "function": {"name": "f", "arguments": ""}}]},
              {"role": "tool", "tool_call_id": "call_0", "content": "three"},
              {"role": "assistant", "content": null, "function_call": {"name": "g", "arguments": "{}"}},
              {"role": "function", "name": "g", "content": "four"}
             ]}
            """#, callMarks: [#""arguments":"#], format: "messages", runs: 1, calls: 4)

    static let anthropic = Fixture(
        name: "claude.json",
        text: #"""
            [{"role": "user", "content": "go"},
             {"role": "assistant", "content": [{"type": "text", "text": "ok"}, {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}, {"type": "tool_use", "id": "t2", "name": "f", "input": {"a": 2}}]},
             {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t2", "content": [{"type": "text", "text": "two"}], "is_error": true}, {"type": "tool_result", "tool_use_id": "t1", "content": "one"}, {"type": "text", "text": "and go on"}]},
             {"role": "assistant", "content": "done"}]
            """#, callMarks: [#""type": "tool_use""#], format: "messages", runs: 1, calls: 2)

    static let anthropicLines = Fixture(
        name: "many.jsonl",
        text: #"""
            {"messages": [{"role": "user", "content": "go"}, {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]}, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "one"}]}]}
            [{"role": "user", "content": "go"}, {"role": "assistant", "content": "", "tool_calls": [{"id": "t1", "type": "tool_use", "function": {"name": "g", "arguments": "{}"}}]}]

            """#, callMarks: [#""type": "tool_use""#], format: "messages", runs: 2, calls: 2)

    static let traces = Fixture(
        name: "retail.jsonl",
        text: #"""
            {"source":"x:y","id":"tau/1/0","domain":"retail","model":"m","group":"retail:mia","licence":"MIT","split":"train","tools":[{"name":"get_order","description":"d","effect":"read","parameters":{"type":"object"}},{"name":"bare"}],"meta":{},"events":[{"type":"user","text":"hi","t":null,"latency_s":null},{"type":"assistant","text":"","turn":0,"usage":{"input":10,"output":5,"cache_read":90},"t":1.5,"latency_s":1.5},{"type":"tool_call","name":"get_order","arguments":{"id":"1"},"call_id":"c1","turn":0,"t":null,"latency_s":null},{"type":"tool_result","call_id":"c1","name":"get_order","result":"ok","t":2,"latency_s":0.5},{"type":"tool_call","name":"get_order","arguments":{"id":"2"},"call_id":"c2","turn":0,"t":null,"latency_s":null},{"type":"assistant","text":"bye","turn":1,"t":3,"latency_s":1}]}
            {"source":"x:z","id":"tau/1/1","domain":"retail","model":"m","group":"retail:mia","split":"train","tools":[],"meta":{},"events":[{"type":"user","text":"hi"},{"type":"assistant","text":"","turn":0},{"type":"tool_call","name":"get_order","arguments":{"id":"3"},"call_id":"c1","turn":0},{"type":"tool_result","call_id":"c1","result":"Error: none"}]}

            """#, callMarks: [#""type":"tool_call""#], format: "trace", runs: 2, calls: 3)

    static let eventLog = Fixture(
        name: "20261121-093012-4f2a/events.jsonl",
        text: #"""
            {"type":"run.started","version":1,"id":"20261121-093012-4f2a","agent":"coder","mode":"tools","workspace":"/home/me/app","task":"Fix it","log":"/x"}
            {"type":"answer.asked","work":1,"turn":0,"lane":"active","attempt":1,"time":0.001}
            {"type":"prediction","turn":0,"source":"model","rank":0,"calls":[{"name":"read","arguments":{"path":"b"}}],"probability":0.4,"confidence":null,"time":0.5}
            {"type":"turn.taken","turn":0,"role":"actor","text":"Reading","calls":[{"name":"read","arguments":{"path":"a"}},{"name":"edit","malformed":"{oops"}],"finish":"tool_calls","usage":{"input":100,"cached":50,"output":9,"reasoning":0},"ahead":false,"seconds":1.25,"time":1.3}
            {"type":"call.taken","turn":0,"index":0,"call":{"name":"read","arguments":{"path":"a"}},"output":"A","isError":false,"ends":false,"ahead":true,"seconds":0.01,"effect":"readOnly","work":2,"time":1.4}
            {"type":"message.joined","turn":1,"text":"and hurry","time":1.5}
            {"type":"turn.taken","turn":1,"role":"actor","text":"Done","calls":[],"finish":"stop","usage":null,"ahead":false,"seconds":0.5,"time":2.0}
            {"type":"run.completed","end":"finished","seconds":2.0}

            """#, callMarks: [#"{"path":"a"}},{"name""#, #""malformed""#], format: "forerun", runs: 1, calls: 2)
}
