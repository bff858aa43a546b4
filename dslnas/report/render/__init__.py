"""Pictures of cells and figures: SVG, PNG and PDF, Graphviz and Mermaid."""
