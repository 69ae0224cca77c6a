"""What the market did after small caps grew strong, by rules that were frozen before they ran."""
