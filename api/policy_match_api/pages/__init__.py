"""Pages for caseworkers: Chinese, read-only, without JavaScript."""
