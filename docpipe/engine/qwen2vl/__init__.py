"""Qwen2-VL on a device: transformers' modules run by a slot engine. The only room that knows torch."""
