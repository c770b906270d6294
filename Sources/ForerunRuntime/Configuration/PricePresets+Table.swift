extension PricePresets {
    /// When these were the prices.
    static let asOf = "2026-11-21"

    /// Preset, model, and USD for a million tokens: input, input read from the cache, input written to it (-: as input), output.
    /// Where long requests cost more: above how many tokens of input, and the four prices that then hold for all of them.
    ///
    /// Source: the price list of LiteLLM 1.106.2, standard tier; compare with your provider's before you rely on it.
    static let table = """
        openai chat-latest 5 0.5 - 30
        openai gpt-4.1 2 0.5 - 8
        openai gpt-4.1-mini 0.4 0.1 - 1.6
        openai gpt-4o 2.5 1.25 - 10
        openai gpt-4o-mini 0.15 0.075 - 0.6
        openai gpt-5 1.25 0.125 - 10
        openai gpt-5-mini 0.25 0.025 - 2
        openai gpt-5-nano 0.05 0.005 - 0.4
        openai gpt-5-pro 15 - - 120
        openai gpt-5.1 1.25 0.125 - 10
        openai gpt-5.2 1.75 0.175 - 14
        openai gpt-5.2-pro 21 - - 168
        openai gpt-5.3-codex 1.75 0.175 - 14
        openai gpt-5.4 2.5 0.25 - 15 272000 5 0.5 - 22.5
        openai gpt-5.4-mini 0.75 0.075 - 4.5
        openai gpt-5.4-nano 0.2 0.02 - 1.25
        openai gpt-5.4-pro 30 - - 180 272000 60 - - 270
        openai gpt-5.5 5 0.5 - 30 272000 10 1 - 45
        openai gpt-5.5-pro 30 - - 180 272000 60 - - 270
        openai gpt-5.6 4 0.4 5 20 272000 8 0.8 10 30
        openai gpt-5.6-luna 0.2 0.02 0.25 1.2 272000 0.4 0.04 0.5 1.8
        openai gpt-5.6-sol 4 0.4 5 20 272000 8 0.8 10 30
        openai gpt-5.6-terra 2 0.2 2.5 12 272000 4 0.4 5 18
        openai gpt-6-astra 10 1 12.5 50 272000 20 2 25 75
        openai gpt-6-luna 0.1 0.01 0.125 0.5 272000 0.2 0.02 0.25 0.75
        openai gpt-6-sol 2 0.2 2.5 10 272000 4 0.4 5 15
        openai gpt-6.1-sol 2 0.1 2.5 10 272000 4 0.2 5 15
        openai o3 2 0.5 - 8
        openai o3-pro 20 - - 80
        anthropic claude-fable-5 10 1 12.5 50
        anthropic claude-fable-5-1 10 0.25 12.5 50
        anthropic claude-haiku-4-5 1 0.1 1.25 5
        anthropic claude-haiku-5-5 0.1 0.01 0.125 0.5 100000 0.5 0.05 0.625 2.5
        anthropic claude-mythos-5 10 1 12.5 50
        anthropic claude-mythos-5-1 10 0.25 12.5 50
        anthropic claude-opus-4-5 5 0.5 6.25 25
        anthropic claude-opus-4-6 5 0.5 6.25 25
        anthropic claude-opus-4-7 5 0.5 6.25 25
        anthropic claude-opus-4-8 5 0.5 6.25 25
        anthropic claude-opus-5 5 0.5 6.25 25
        anthropic claude-opus-5-5 4 0.2 5 20
        anthropic claude-sonnet-4-5 3 0.3 3.75 15
        anthropic claude-sonnet-4-6 3 0.3 3.75 15
        anthropic claude-sonnet-5 2 0.2 2.5 10
        anthropic claude-sonnet-5-5 2 0.1 2.5 10
        gemini gemini-2.5-flash 0.3 0.03 - 2.5
        gemini gemini-2.5-flash-lite 0.1 0.01 - 0.4
        gemini gemini-2.5-pro 1.25 0.125 - 10 200000 2.5 0.25 - 15
        gemini gemini-3-flash-preview 0.5 0.05 - 3
        gemini gemini-3.1-flash-lite 0.25 0.025 - 1.5
        gemini gemini-3.1-pro-preview 2 0.2 - 12 200000 4 0.4 - 18
        gemini gemini-3.5-flash 1.5 0.15 - 9
        gemini gemini-3.5-flash-lite 0.3 0.03 - 2.5
        gemini gemini-3.6-flash 0.75 0.075 - 3.75
        gemini gemini-3.7-flash 0.75 0.075 - 3.75
        gemini gemini-3.8-flash 0.75 0.075 - 3.75
        gemini gemini-4-argon 2 0.1 - 10
        gemini gemini-flash-latest 0.75 0.075 - 3.75
        gemini gemini-flash-lite-latest 0.3 0.03 - 2.5
        gemini gemini-pro-latest 2 0.2 - 12 200000 4 0.4 - 18
        deepseek deepseek-flash 0.3 0.006 - 1.2
        deepseek deepseek-v3 0.27 0.07 - 1.1
        deepseek deepseek-v3.2 0.28 0.028 - 0.4
        deepseek deepseek-v4-flash 0.3 0.006 - 1.2
        deepseek deepseek-v4-pro 1.32 0.044 - 3.96
        groq openai/gpt-oss-120b 0.15 0.075 - 0.6
        groq openai/gpt-oss-20b 0.075 0.0375 - 0.3
        groq qwen/qwen3.8-27b 0.8 - - 4
        mistral codestral-2508 0.3 0.03 - 0.9
        mistral codestral-latest 0.3 0.03 - 0.9
        mistral devstral-latest 0.4 0.04 - 2
        mistral devstral-medium-latest 0.4 0.04 - 2
        mistral devstral-small-latest 0.1 0.01 - 0.3
        mistral magistral-medium-latest 1.5 0.15 - 7.5
        mistral magistral-small-latest 0.15 0.015 - 0.6
        mistral ministral-14b-2512 0.2 0.02 - 0.2
        mistral ministral-14b-latest 0.2 0.02 - 0.2
        mistral ministral-3b-2512 0.1 0.01 - 0.1
        mistral ministral-3b-latest 0.1 0.01 - 0.1
        mistral ministral-8b-2512 0.15 0.015 - 0.15
        mistral ministral-8b-latest 0.15 0.015 - 0.15
        mistral mistral-large-2512 0.5 0.05 - 1.5
        mistral mistral-large-3 0.5 0.05 - 1.5
        mistral mistral-large-4 0.68 0.068 - 2.09
        mistral mistral-large-latest 0.5 0.05 - 1.5
        mistral mistral-medium 1.5 0.15 - 7.5
        mistral mistral-medium-2604 1.5 0.15 - 7.5
        mistral mistral-medium-3 1.5 0.15 - 7.5
        mistral mistral-medium-3-5 1.5 0.15 - 7.5
        mistral mistral-medium-3.5 1.5 0.15 - 7.5
        mistral mistral-medium-latest 1.5 0.15 - 7.5
        mistral mistral-small 0.1 0.01 - 0.3
        mistral mistral-small-2603 0.15 0.015 - 0.6
        mistral mistral-small-latest 0.15 0.015 - 0.6
        mistral pixtral-large-latest 2 0.2 - 6
        """
}
